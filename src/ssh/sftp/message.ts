import { type WireReader, wireString, wireUint32, wireUint64 } from '../wire.ts';

/** What a client asks. Specification: draft-ietf-secsh-filexfer-02, section 3 (SFTP version 3, which OpenSSH speaks). */
export const requests = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  realpath: 16,
  stat: 17,
  rename: 18,
  extended: 200,
} as const;

/** What a server answers. */
export const replies = { version: 2, status: 101, handle: 102, data: 103, name: 104, attributes: 105, extended: 201 };

/** How a file is opened; to be added. */
export const openFlags = { read: 1, write: 2, create: 8, truncate: 16, exclusive: 32 } as const;

/** What a server knows of a file. */
export interface FileAttributes {
  readonly size?: number;
  readonly user?: number;
  readonly group?: number;
  /** Kind and permissions, as in stat(2). */
  readonly mode?: number;
}

/** One entry of a folder; the attributes are those of a link, not of what it leads to. */
export interface RemoteEntry {
  readonly name: Buffer;
  readonly attributes: FileAttributes;
}

const present = { size: 1, owner: 2, mode: 4, times: 8, extended: 0x80000000 };

/** Attributes as a request carries them. Owner and group go together. */
export function formatAttributes({ mode, user, group }: Omit<FileAttributes, 'size'>): Buffer {
  const hasOwner = user !== undefined && group !== undefined;
  const flags = (hasOwner ? present.owner : 0) | (mode === undefined ? 0 : present.mode);
  const numbers = [flags, ...(hasOwner ? [user, group] : []), ...(mode === undefined ? [] : [mode])];
  return Buffer.concat(numbers.map(wireUint32));
}

/** Attributes as an answer carries them. */
export function parseAttributes(reader: WireReader): FileAttributes {
  const flags = reader.uint32();
  const size = flags & present.size ? { size: reader.uint64() } : {};
  const owner = flags & present.owner ? { user: reader.uint32(), group: reader.uint32() } : {};
  const mode = flags & present.mode ? { mode: reader.uint32() } : {};
  if (flags & present.times) reader.uint64();
  // The bit is the highest one, so the number is negative.
  if (flags & present.extended) for (let count = reader.uint32() * 2; count > 0; count -= 1) reader.string();
  return { ...size, ...owner, ...mode };
}

/** The entries of a `name` answer. */
export function parseNames(reader: WireReader): readonly RemoteEntry[] {
  return Array.from({ length: reader.uint32() }, () => {
    const name = reader.string();
    // A line for people, as of `ls -l`.
    reader.string();
    return { name, attributes: parseAttributes(reader) };
  });
}

/** The extensions that a server offers, by name, each with what it says about them. */
export function parseExtensions(reader: WireReader): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  while (!reader.isAtEnd()) found.set(reader.string().toString(), reader.string().toString());
  return found;
}

/** The start of a message whose `tail` bytes follow: its length, kind, number and what it says. */
export function formatHead(type: number, id: number, body: readonly Uint8Array[], tail = 0): Buffer {
  const rest = Buffer.concat([Buffer.from([type]), wireUint32(id), ...body]);
  return Buffer.concat([wireUint32(rest.length + tail), rest]);
}

/** Where a read or write acts. */
export function formatRange(handle: Uint8Array, position: number, length: number): readonly Buffer[] {
  return [wireString(handle), wireUint64(position), wireUint32(length)];
}
