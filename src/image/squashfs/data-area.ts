import { createHash } from 'node:crypto';
import type { ByteSink } from '../byte-sink.ts';
import type { CompressionPool } from './compression-pool.ts';
import type { FileLocation } from './inodes.ts';

/** The part of a squashfs that holds the content of its files. */
export interface DataArea {
  /** Stores a content; resolves when its blocks are on their way. What is already stored is found again. */
  add(content: Uint8Array): Promise<StoredContent>;
  /** Resolves when everything is written, with the table of fragments and the position behind the last block. */
  finish(): Promise<{ readonly fragments: Uint8Array; readonly end: number }>;
}

/** A stored content; its location is known once the area is finished. */
export interface StoredContent {
  location(): FileLocation;
}

/** Where and how the area is written. */
export interface DataAreaOptions {
  readonly sink: ByteSink;
  readonly pool: CompressionPool;
  readonly blockSize: number;
  /** Position of the first block. */
  readonly start: number;
  readonly signal: AbortSignal;
  /** Called with the number of bytes of content that were just stored. */
  readonly onStored: (bytes: number) => void;
}

interface StoredBlock {
  position: number;
  size: number;
}

const storedAsIs = 1 << 24;

/** An empty data area. Blocks are compressed in parallel, written in order, and few of them are in memory at a time. */
export function createDataArea(options: DataAreaOptions): DataArea {
  const { blockSize } = options;
  const blocks = createBlockWriter(options);
  const known = new Map<string, StoredContent>();
  const fragments: StoredBlock[] = [];
  const fragment = Buffer.alloc(blockSize);
  let fill = 0;

  const closeFragment = async (): Promise<void> => {
    fragments.push(await blocks.add(new Uint8Array(fragment.subarray(0, fill))));
    fill = 0;
  };
  const addTail = async (tail: Uint8Array): Promise<FileLocation['fragment']> => {
    if (tail.length === 0) return undefined;
    if (fill + tail.length > blockSize) await closeFragment();
    fragment.set(tail, fill);
    fill += tail.length;
    return { index: fragments.length, offset: fill - tail.length };
  };
  const store = async (content: Uint8Array): Promise<StoredContent> => {
    const whole = content.length - (content.length % blockSize);
    const stored: StoredBlock[] = [];
    for (let at = 0; at < whole; at += blockSize) stored.push(await blocks.add(content.subarray(at, at + blockSize)));
    const tail = await addTail(content.subarray(whole));
    return { location: () => locationOf(content.length, stored, tail) };
  };

  return {
    async add(content) {
      const digest = createHash('sha256').update(content).digest('base64');
      const same = known.get(digest);
      if (same !== undefined) {
        options.onStored(content.length);
        return same;
      }
      const stored = await store(content);
      known.set(digest, stored);
      return stored;
    },
    async finish() {
      if (fill > 0) await closeFragment();
      const end = await blocks.finish();
      return { fragments: formatFragments(fragments), end };
    },
  };
}

function locationOf(size: number, stored: readonly StoredBlock[], fragment: FileLocation['fragment']): FileLocation {
  return { size, start: stored[0]?.position ?? 0, blocks: stored.map((block) => block.size), fragment };
}

function formatFragments(fragments: readonly StoredBlock[]): Uint8Array {
  const table = Buffer.alloc(fragments.length * 16);
  for (const [index, block] of fragments.entries()) {
    table.writeBigUInt64LE(BigInt(block.position), index * 16);
    table.writeUInt32LE(block.size, index * 16 + 8);
  }
  return table;
}

interface BlockWriter {
  /** Queues a block; waits while the threads have enough to do. */
  add(block: Uint8Array): Promise<StoredBlock>;
  /** The position behind the last block. */
  finish(): Promise<number>;
}

function createBlockWriter({ sink, pool, start, signal, onStored }: DataAreaOptions): BlockWriter {
  const queue: { readonly plain: Uint8Array; readonly packed: Promise<Uint8Array>; readonly stored: StoredBlock }[] =
    [];
  let position = start;

  const writeFirst = async (): Promise<void> => {
    const first = queue.shift();
    if (first === undefined) return;
    const packed = await first.packed;
    const useful = packed.length < first.plain.length;
    const bytes = useful ? packed : first.plain;
    first.stored.position = position;
    first.stored.size = useful ? bytes.length : bytes.length | storedAsIs;
    await sink.write(bytes, position);
    position += bytes.length;
    onStored(first.plain.length);
  };

  return {
    async add(block) {
      signal.throwIfAborted();
      if (queue.length >= pool.capacity) await writeFirst();
      const stored: StoredBlock = { position: 0, size: 0 };
      const packed = pool.compress(block);
      // A failure is seen when the block's turn to be written comes.
      packed.catch(() => undefined);
      queue.push({ plain: block, packed, stored });
      return stored;
    },
    async finish() {
      while (queue.length > 0) await writeFirst();
      return position;
    },
  };
}
