import { metadataBlockSize as blockSize, type CompressionPool } from './compression-pool.ts';

/** Where something lies in a table of metadata: the start of its compressed block, and the offset in it once unpacked. */
export interface MetadataPosition {
  readonly block: number;
  readonly offset: number;
}

/** A table that is stored as compressed blocks of 8 KiB. */
export interface MetadataTable {
  /** Where the next bytes will lie. */
  position(): MetadataPosition;
  append(bytes: Uint8Array): Promise<void>;
  /** Closes the last block and gives all of them. */
  finish(): Promise<StoredTable>;
}

/** A finished table. */
interface StoredTable {
  readonly bytes: Uint8Array;
  /** Where each block starts in `bytes`. */
  readonly blockStarts: readonly number[];
}

const storedAsIs = 0x8000;

/** An empty table, compressed by `pool`. */
export function createMetadataTable(pool: CompressionPool): MetadataTable {
  const pending = Buffer.alloc(blockSize);
  const stored: Uint8Array[] = [];
  const blockStarts: number[] = [];
  let fill = 0;
  let size = 0;

  const close = async (): Promise<void> => {
    const block = pending.subarray(0, fill);
    const compressed = await pool.compress(block);
    const useful = compressed.length < fill;
    const header = Buffer.alloc(2);
    header.writeUInt16LE(useful ? compressed.length : storedAsIs | fill);
    blockStarts.push(size);
    stored.push(Buffer.concat([header, useful ? compressed : block]));
    size += 2 + (useful ? compressed.length : fill);
    fill = 0;
  };

  return {
    position: () => ({ block: size, offset: fill }),
    async append(bytes) {
      for (let done = 0; done < bytes.length; ) {
        const part = bytes.subarray(done, done + blockSize - fill);
        pending.set(part, fill);
        fill += part.length;
        done += part.length;
        if (fill === blockSize) await close();
      }
    },
    async finish() {
      if (fill > 0) await close();
      return { bytes: Buffer.concat(stored), blockStarts };
    },
  };
}

/** A table that readers find by a list of its blocks: the blocks and, behind them, the list with positions from byte 0. */
export async function formatIndexedTable(
  bytes: Uint8Array,
  at: number,
  pool: CompressionPool,
): Promise<{ bytes: Uint8Array; start: number }> {
  const table = createMetadataTable(pool);
  await table.append(bytes);
  const stored = await table.finish();
  const list = Buffer.alloc(stored.blockStarts.length * 8);
  for (const [index, start] of stored.blockStarts.entries()) list.writeBigUInt64LE(BigInt(at + start), index * 8);
  return { bytes: Buffer.concat([stored.bytes, list]), start: at + stored.bytes.length };
}
