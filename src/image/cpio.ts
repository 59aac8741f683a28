import { orderTree } from './order-tree.ts';
import type { TreeEntry } from './tree.ts';

/** What is the same for every member of the archive. */
export interface CpioOptions {
  /** Time of last change, in seconds since the epoch. */
  readonly mtimeSeconds: number;
}

const fileTypes = { directory: 0o040000, file: 0o100000, symlink: 0o120000 };
const deviceTypes = { character: 0o020000, block: 0o060000 };
const nothing = new Uint8Array(0);

/**
 * A cpio archive in the "newc" format, uncompressed, as Linux takes it for an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format in the kernel's tree). The same tree gives the same bytes.
 * @throws TmachineError IMAGE_TREE_INVALID as `orderTree` does.
 */
export function formatCpio(entries: readonly TreeEntry[], options: CpioOptions): Uint8Array {
  const ordered = orderTree(entries).filter((entry) => entry.path !== '');
  const parts: Uint8Array[] = ordered.flatMap((entry, index) => formatMember(entry, index + 1, options));
  parts.push(formatHeader('TRAILER!!!', { nlink: 1 }));
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  parts.push(new Uint8Array((512 - (size % 512)) % 512));
  return Buffer.concat(parts);
}

function formatMember(entry: TreeEntry, ino: number, { mtimeSeconds }: CpioOptions): Uint8Array[] {
  const data = contentOf(entry);
  const header = formatHeader(entry.path, {
    ino,
    mode: typeBits(entry) | entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    nlink: entry.type === 'directory' ? 2 : 1,
    mtime: mtimeSeconds,
    filesize: data.length,
    ...(entry.type === 'device' && { rdevmajor: entry.major, rdevminor: entry.minor }),
  });
  return [header, data, new Uint8Array(paddingOf(data.length))];
}

function contentOf(entry: TreeEntry): Uint8Array {
  if (entry.type === 'file') return entry.content;
  return entry.type === 'symlink' ? Buffer.from(entry.target) : nothing;
}

function typeBits(entry: TreeEntry): number {
  return entry.type === 'device' ? deviceTypes[entry.kind] : fileTypes[entry.type];
}

const fieldNames = [
  'ino',
  'mode',
  'uid',
  'gid',
  'nlink',
  'mtime',
  'filesize',
  'devmajor',
  'devminor',
  'rdevmajor',
  'rdevminor',
  'namesize',
  'check',
] as const;

function formatHeader(path: string, given: Partial<Record<(typeof fieldNames)[number], number>>): Uint8Array {
  const name = Buffer.from(`${path}\0`);
  const fields: typeof given = { ...given, namesize: name.length };
  const hex = fieldNames.map((field) => (fields[field] ?? 0).toString(16).padStart(8, '0')).join('');
  const header = Buffer.from(`070701${hex}`);
  return Buffer.concat([header, name, new Uint8Array(paddingOf(header.length + name.length))]);
}

function paddingOf(length: number): number {
  return (4 - (length % 4)) % 4;
}
