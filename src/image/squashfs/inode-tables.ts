import type { CompressionPool } from './compression-pool.ts';
import type { StoredContent } from './data-area.ts';
import { formatListing, type ListedEntry } from './directory-listing.ts';
import type { TreeNode } from './folder-tree.ts';
import {
  formatDeviceInode,
  formatDirectoryInode,
  formatFileInode,
  formatSymlinkInode,
  type InodeBase,
  inodeTypes,
} from './inodes.ts';
import { createMetadataTable, type MetadataPosition, type MetadataTable } from './metadata.ts';

/** What the inodes say beside what the tree says. */
export interface InodeContext {
  readonly pool: CompressionPool;
  readonly mtimeSeconds: number;
  /** Position of each user and group id in the table of ids. */
  readonly idIndex: ReadonlyMap<number, number>;
  readonly contents: ReadonlyMap<TreeNode, StoredContent>;
  readonly inodeCount: number;
}

/** The two tables that describe the tree. */
export interface InodeTables {
  readonly inodes: Uint8Array;
  readonly directories: Uint8Array;
  /** Reference to the root's inode. */
  readonly root: bigint;
}

/** Inodes and listings of the whole tree; what a folder holds comes before the folder, which refers to it. */
export async function formatInodeTables(root: TreeNode, context: InodeContext): Promise<InodeTables> {
  const writer = {
    ...context,
    inodes: createMetadataTable(context.pool),
    directories: createMetadataTable(context.pool),
  };
  // No folder is the root's parent: its number is one that no inode has.
  const position = await writeFolder(root, context.inodeCount + 1, writer);
  return {
    inodes: (await writer.inodes.finish()).bytes,
    directories: (await writer.directories.finish()).bytes,
    root: (BigInt(position.block) << 16n) | BigInt(position.offset),
  };
}

interface InodeWriter extends InodeContext {
  readonly inodes: MetadataTable;
  readonly directories: MetadataTable;
}

async function writeFolder(node: TreeNode, parent: number, writer: InodeWriter): Promise<MetadataPosition> {
  const listed: ListedEntry[] = [];
  for (const child of node.children) {
    const { name, number } = child;
    const inode = await writeNode(child, node.number, writer);
    listed.push({ name, number, inode, type: typeOf(child) });
  }
  const listing = writer.directories.position();
  const bytes = formatListing(listed);
  await writer.directories.append(bytes);
  const subfolders = node.children.filter((child) => child.entry.type === 'directory').length;
  const location = { listing, listingSize: bytes.length, parent, subfolders };
  return await appendInode(formatDirectoryInode(baseOf(node, writer), location), writer);
}

async function writeNode(node: TreeNode, parent: number, writer: InodeWriter): Promise<MetadataPosition> {
  const base = baseOf(node, writer);
  const { entry } = node;
  switch (entry.type) {
    case 'directory':
      return await writeFolder(node, parent, writer);
    case 'symlink':
      return await appendInode(formatSymlinkInode(base, entry.target), writer);
    case 'device':
      return await appendInode(formatDeviceInode(base, entry), writer);
    case 'file': {
      const location = writer.contents.get(node)?.location();
      if (location === undefined) throw new Error(`the content of ${entry.path} was not stored`);
      return await appendInode(formatFileInode(base, location), writer);
    }
    default:
      return entry satisfies never;
  }
}

async function appendInode(inode: Uint8Array, writer: InodeWriter): Promise<MetadataPosition> {
  const position = writer.inodes.position();
  await writer.inodes.append(inode);
  return position;
}

function baseOf({ entry, number }: TreeNode, { idIndex, mtimeSeconds }: InodeWriter): InodeBase {
  const idOf = (id: number): number => idIndex.get(id) ?? 0;
  return { mode: entry.mode & 0o7777, uid: idOf(entry.uid), gid: idOf(entry.gid), mtimeSeconds, number };
}

function typeOf({ entry }: TreeNode): number {
  return entry.type === 'device' ? inodeTypes[entry.kind] : inodeTypes[entry.type];
}
