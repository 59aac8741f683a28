import { wireString, wireUint32 } from '../wire.ts';
import {
  type FileAttributes,
  formatAttributes,
  formatRange,
  openFlags,
  parseAttributes,
  parseNames,
  type RemoteEntry,
  requests,
} from './message.ts';
import { openSession, type RunServer, type SftpSession } from './session.ts';
import { isRefusal, statuses } from './status.ts';

/** An open file or folder, as the server calls it. */
export type SftpHandle = Uint8Array;

/** Files of a guest. What the server refuses rejects with `SftpRefusal`. Paths that are not absolute start from the home folder. */
export interface Sftp extends AsyncDisposable {
  /** The most bytes that one `read` or `write` may carry. */
  readonly largest: { readonly read: number; readonly write: number };
  /** Follows links. Nothing when there is no such file. */
  stat(path: string): Promise<FileAttributes | undefined>;
  /** The entries without `.` and `..`. */
  list(path: string): Promise<readonly RemoteEntry[]>;
  realPath(path: string): Promise<string>;
  openToRead(path: string): Promise<SftpHandle>;
  /** Makes a file that must not exist, readable by nobody else until it gets its mode. */
  openNew(path: string): Promise<SftpHandle>;
  /** Empties a file that must exist; a device or a pipe is opened as it is. */
  openToReplace(path: string): Promise<SftpHandle>;
  attributesOf(handle: SftpHandle): Promise<FileAttributes>;
  setAttributesOf(handle: SftpHandle, attributes: FileAttributes): Promise<void>;
  /** Fills the start of `into`, and resolves with the number of bytes: none at the end of the file. */
  read(handle: SftpHandle, position: number, into: Buffer): Promise<number>;
  write(handle: SftpHandle, position: number, bytes: Uint8Array): Promise<void>;
  close(handle: SftpHandle): Promise<void>;
  makeFolder(path: string, mode: number): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /** In one step, over what had the new name before, where the server can. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Bytes that the user may still write on the disk of this path; nothing where the server does not say. */
  freeBytes(path: string): Promise<number | undefined>;
}

/** Every server takes this much (section 3 of the specification: packets of 34000 bytes). */
const smallestLargest = 32_768;
/** More gains nothing, and OpenSSH takes no more. */
const usefulLargest = 255 * 1024;

/** Greets the SFTP server that `runServer` reaches. @throws TmachineError `SFTP_MISSING`, `SFTP_GARBLED`. */
export async function openSftp(runServer: RunServer): Promise<Sftp> {
  const session = await openSession(runServer);
  const ask = async (type: number, ...body: readonly Uint8Array[]) => await session.ask({ type, body });
  const openFile = async (path: string, flags: number, mode?: number): Promise<SftpHandle> => {
    const attributes = formatAttributes(mode === undefined ? {} : { mode });
    return (await ask(requests.open, wireString(path), wireUint32(flags), attributes)).body.string();
  };
  const { write, create, truncate, exclusive } = openFlags;
  return {
    largest: await askLimits(session),
    stat: async (path) =>
      await missingAsNothing(async () => parseAttributes((await ask(requests.stat, wireString(path))).body)),
    list: async (path) => await listFolder(session, path),
    realPath: async (path) => String(parseNames((await ask(requests.realpath, wireString(path))).body)[0]?.name),
    openToRead: async (path) => await openFile(path, openFlags.read),
    openNew: async (path) => await openFile(path, write | create | exclusive, 0o600),
    openToReplace: async (path) => await openFile(path, write | truncate),
    attributesOf: async (handle) => parseAttributes((await ask(requests.fstat, wireString(handle))).body),
    setAttributesOf: async (handle, attributes) =>
      void (await ask(requests.fsetstat, wireString(handle), formatAttributes(attributes))),
    read: async (handle, position, into) => {
      const request = { type: requests.read, body: formatRange(handle, position, into.length), into };
      return (await endAsNothing(async () => (await session.ask(request)).body.uint32())) ?? 0;
    },
    write: async (handle, position, bytes) =>
      void (await session.ask({
        type: requests.write,
        body: formatRange(handle, position, bytes.length),
        tail: bytes,
      })),
    close: async (handle) => void (await ask(requests.close, wireString(handle))),
    makeFolder: async (path, mode) => void (await ask(requests.mkdir, wireString(path), formatAttributes({ mode }))),
    setMode: async (path, mode) => void (await ask(requests.setstat, wireString(path), formatAttributes({ mode }))),
    rename: async (from, to) => await renameOver(session, from, to),
    remove: async (path) => void (await ask(requests.remove, wireString(path))),
    freeBytes: async (path) => await askFreeBytes(session, path),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

async function missingAsNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isRefusal(error, statuses.noSuchFile)) return undefined;
    throw error;
  }
}

async function endAsNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isRefusal(error, statuses.endOfFile)) return undefined;
    throw error;
  }
}

async function listFolder(session: SftpSession, path: string): Promise<readonly RemoteEntry[]> {
  const opened = await session.ask({ type: requests.opendir, body: [wireString(path)] });
  const handle = wireString(opened.body.string());
  const entries: RemoteEntry[] = [];
  try {
    for (;;) {
      const reply = await endAsNothing(async () => await session.ask({ type: requests.readdir, body: [handle] }));
      if (reply === undefined) break;
      entries.push(...parseNames(reply.body));
    }
  } finally {
    await session.ask({ type: requests.close, body: [handle] }).catch(() => undefined);
  }
  return entries.filter(({ name }) => !['.', '..'].includes(name.toString('latin1')));
}

/** Extensions of OpenSSH; see its file PROTOCOL, section 4. */
const extensions = { limits: 'limits@openssh.com', rename: 'posix-rename@openssh.com', space: 'statvfs@openssh.com' };

async function askExtended(session: SftpSession, name: string, ...words: readonly string[]) {
  const body = [wireString(name), ...words.map((word) => wireString(word))];
  return await session.ask({ type: requests.extended, body });
}

async function askLimits(session: SftpSession): Promise<Sftp['largest']> {
  if (!session.extensions.has(extensions.limits)) return { read: smallestLargest, write: smallestLargest };
  const { body } = await askExtended(session, extensions.limits);
  const [, read = 0, write = 0] = [body.uint64(), body.uint64(), body.uint64()];
  const bound = (limit: number): number => Math.min(Math.max(limit, smallestLargest), usefulLargest);
  return { read: bound(read), write: bound(write) };
}

async function renameOver(session: SftpSession, from: string, to: string): Promise<void> {
  if (session.extensions.has(extensions.rename)) return void (await askExtended(session, extensions.rename, from, to));
  // Version 3 alone renames to nothing that exists.
  await missingAsNothing(async () => await session.ask({ type: requests.remove, body: [wireString(to)] }));
  await session.ask({ type: requests.rename, body: [wireString(from), wireString(to)] });
}

async function askFreeBytes(session: SftpSession, path: string): Promise<number | undefined> {
  if (!session.extensions.has(extensions.space)) return undefined;
  const { body } = await askExtended(session, extensions.space, path);
  const [, unit = 0, , , available = 0] = Array.from({ length: 5 }, () => body.uint64());
  return unit * available;
}
