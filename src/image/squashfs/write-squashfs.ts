import { TmachineError } from '../../errors/tmachine-error.ts';
import type { ByteSink } from '../byte-sink.ts';
import type { TreeEntry } from '../tree.ts';
import { type CompressionPool, openCompressionPool } from './compression-pool.ts';
import { createDataArea, type StoredContent } from './data-area.ts';
import { folderTree, type TreeNode, walkTree } from './folder-tree.ts';
import { formatInodeTables } from './inode-tables.ts';
import { formatIndexedTable } from './metadata.ts';
import { formatHead, headSize, type SquashfsLayout } from './superblock.ts';

/** How a squashfs is made. */
export interface SquashfsOptions {
  /** Time of last change of every inode and of the file system, in seconds since the epoch. */
  readonly mtimeSeconds: number;
  readonly signal: AbortSignal;
  /** A power of two from 4096 to 1048576; 256 KiB when missing. */
  readonly blockSize?: number | undefined;
  /** zstd's level from 1 to 19; 9 when missing. */
  readonly level?: number | undefined;
  /** Number of threads; as many as processors, at most 4, when missing. The bytes do not depend on it. */
  readonly workers?: number | undefined;
  /** Called as content is stored, in bytes before compression. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Linux reads a device in pages, so the image ends on a whole one. */
const pageSize = 4096;

const largestImage = 0xffff_ffff;

/**
 * Writes a squashfs 4.0 with zstd (fs/squashfs in Linux) that holds these entries, without extended attributes and without the
 * table that NFS needs. The same tree and options give the same bytes.
 * @throws TmachineError IMAGE_TREE_INVALID as `orderTree` does, IMAGE_TOO_LARGE beyond 4 GiB.
 */
export async function writeSquashfs(
  entries: readonly TreeEntry[],
  sink: ByteSink,
  options: SquashfsOptions,
): Promise<{ readonly bytes: number }> {
  const { blockSize = 256 * 1024, level = 9 } = options;
  const root = folderTree(entries);
  await using pool = openCompressionPool({ level, blockSize, workers: options.workers });
  const data = await writeContents(root, { ...options, sink, pool, blockSize });
  const layout = await writeTables(root, data, { ...options, sink, pool });
  await sink.write(formatHead(layout, { mtimeSeconds: options.mtimeSeconds, blockSize, level }), 0);
  const padding = (pageSize - (layout.bytesUsed % pageSize)) % pageSize;
  await sink.write(new Uint8Array(padding), layout.bytesUsed);
  return { bytes: layout.bytesUsed + padding };
}

interface Target extends SquashfsOptions {
  readonly sink: ByteSink;
  readonly pool: CompressionPool;
}

interface WrittenContents {
  readonly contents: ReadonlyMap<TreeNode, StoredContent>;
  readonly fragments: Uint8Array;
  readonly end: number;
}

async function writeContents(
  root: TreeNode,
  target: Target & { readonly blockSize: number },
): Promise<WrittenContents> {
  const files = [...walkTree(root)].flatMap((node) =>
    node.entry.type === 'file' ? [{ node, content: node.entry.content }] : [],
  );
  const total = files.reduce((sum, { content }) => sum + content.length, 0);
  let done = 0;
  const onStored = (bytes: number): void => {
    done += bytes;
    target.onProgress?.(done, total);
  };
  const area = createDataArea({ ...target, start: headSize, onStored });
  const contents = new Map<TreeNode, StoredContent>();
  for (const { node, content } of files) contents.set(node, await area.add(content));
  const { fragments, end } = await area.finish();
  if (end > largestImage) {
    throw new TmachineError(`Cannot write the root file system: its ${end} bytes are more than 4 GiB`, {
      code: 'IMAGE_TOO_LARGE',
    });
  }
  return { contents, fragments, end };
}

async function writeTables(root: TreeNode, data: WrittenContents, target: Target): Promise<SquashfsLayout> {
  const { pool } = target;
  const nodes = [...walkTree(root)];
  const ids = [...new Set(nodes.flatMap(({ entry }) => [entry.uid, entry.gid]))];
  const tables = await formatInodeTables(root, {
    pool,
    mtimeSeconds: target.mtimeSeconds,
    idIndex: new Map(ids.map((id, index) => [id, index])),
    contents: data.contents,
    inodeCount: nodes.length,
  });
  const inodeTable = data.end;
  const directoryTable = inodeTable + tables.inodes.length;
  const fragmentsAt = directoryTable + tables.directories.length;
  const fragments = await formatIndexedTable(data.fragments, fragmentsAt, pool);
  const idsAt = fragmentsAt + fragments.bytes.length;
  const idTable = await formatIndexedTable(new Uint8Array(Uint32Array.from(ids).buffer), idsAt, pool);
  const bytes = Buffer.concat([tables.inodes, tables.directories, fragments.bytes, idTable.bytes]);
  await target.sink.write(bytes, inodeTable);
  return {
    inodeCount: nodes.length,
    fragmentCount: data.fragments.length / 16,
    idCount: ids.length,
    rootInode: tables.root,
    inodeTable,
    directoryTable,
    fragmentTable: data.fragments.length === 0 ? undefined : fragments.start,
    idTable: idTable.start,
    bytesUsed: inodeTable + bytes.length,
  };
}
