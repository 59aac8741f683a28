import type { MetadataPosition } from './metadata.ts';

/** What every inode begins with. */
export interface InodeBase {
  /** Permission bits. */
  readonly mode: number;
  /** Indices into the table of ids. */
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly number: number;
}

/** Where the content of a file lies. */
export interface FileLocation {
  readonly size: number;
  /** Position of the first block, 0 without blocks. */
  readonly start: number;
  /** Stored size of each block, with bit 24 set where it is not compressed. */
  readonly blocks: readonly number[];
  readonly fragment: { readonly index: number; readonly offset: number } | undefined;
}

/** Where the listing of a folder lies, and how folders are tied together. */
export interface DirectoryLocation {
  readonly listing: MetadataPosition;
  readonly listingSize: number;
  readonly parent: number;
  readonly subfolders: number;
}

/** Types of inodes, as an inode and an entry of a listing name them. */
export const inodeTypes = {
  directory: 1,
  file: 2,
  symlink: 3,
  block: 4,
  character: 5,
  extendedDirectory: 8,
} as const;

const noFragment = 0xffffffff;
const noXattr = 0xffffffff;

/** Inode of a folder; the extended form where its listing needs more than 16 bits, without the optional index. */
export function formatDirectoryInode(base: InodeBase, location: DirectoryLocation): Uint8Array {
  const { listing, parent } = location;
  const nlink = 2 + location.subfolders;
  // Readers count the entries "." and ".." as 3 bytes of the listing.
  const size = location.listingSize + 3;
  if (size <= 0xffff) {
    const inode = startInode(inodeTypes.directory, base, 32);
    inode.writeUInt32LE(listing.block, 16);
    inode.writeUInt32LE(nlink, 20);
    inode.writeUInt16LE(size, 24);
    inode.writeUInt16LE(listing.offset, 26);
    inode.writeUInt32LE(parent, 28);
    return inode;
  }
  const inode = startInode(inodeTypes.extendedDirectory, base, 40);
  inode.writeUInt32LE(nlink, 16);
  inode.writeUInt32LE(size, 20);
  inode.writeUInt32LE(listing.block, 24);
  inode.writeUInt32LE(parent, 28);
  inode.writeUInt16LE(0, 32);
  inode.writeUInt16LE(listing.offset, 34);
  inode.writeUInt32LE(noXattr, 36);
  return inode;
}

/** Inode of a regular file, whose blocks start below 4 GiB. */
export function formatFileInode(base: InodeBase, location: FileLocation): Uint8Array {
  const inode = startInode(inodeTypes.file, base, 32 + 4 * location.blocks.length);
  inode.writeUInt32LE(location.start, 16);
  inode.writeUInt32LE(location.fragment?.index ?? noFragment, 20);
  inode.writeUInt32LE(location.fragment?.offset ?? 0, 24);
  inode.writeUInt32LE(location.size, 28);
  for (const [index, size] of location.blocks.entries()) inode.writeUInt32LE(size, 32 + 4 * index);
  return inode;
}

/** Inode of a symbolic link. */
export function formatSymlinkInode(base: InodeBase, target: string): Uint8Array {
  const text = Buffer.from(target);
  const inode = startInode(inodeTypes.symlink, base, 24 + text.length);
  inode.writeUInt32LE(1, 16);
  inode.writeUInt32LE(text.length, 20);
  text.copy(inode, 24);
  return inode;
}

/** Inode of a device node. */
export function formatDeviceInode(
  base: InodeBase,
  device: { readonly kind: 'character' | 'block'; readonly major: number; readonly minor: number },
): Uint8Array {
  const inode = startInode(inodeTypes[device.kind], base, 24);
  inode.writeUInt32LE(1, 16);
  inode.writeUInt32LE((((device.minor & 0xfff00) << 12) | (device.major << 8) | (device.minor & 0xff)) >>> 0, 20);
  return inode;
}

function startInode(type: number, base: InodeBase, size: number): Buffer {
  const inode = Buffer.alloc(size);
  inode.writeUInt16LE(type, 0);
  inode.writeUInt16LE(base.mode, 2);
  inode.writeUInt16LE(base.uid, 4);
  inode.writeUInt16LE(base.gid, 6);
  inode.writeUInt32LE(base.mtimeSeconds, 8);
  inode.writeUInt32LE(base.number, 12);
  return inode;
}
