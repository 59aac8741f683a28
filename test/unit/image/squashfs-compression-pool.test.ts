import { randomBytes } from 'node:crypto';
import { Zstd } from '@hpcc-js/wasm-zstd';
import { expect, test, vi } from 'vitest';
import { openCompressionPool } from '../../../src/image/squashfs/compression-pool.ts';

// Each pool loads zstd anew, which takes its time on a busy computer.
vi.setConfig({ testTimeout: 20_000 });

const text = Buffer.from('all work and no play\n'.repeat(3000));
const blocks = [text, text.subarray(0, 8192), randomBytes(65_536), Buffer.alloc(65_536), Buffer.from('x')];

test('openCompressionPool() gives the bytes that the library itself gives, in the order asked for', async () => {
  const zstd = await Zstd.load();
  for (const level of [9, 15]) {
    await using pool = openCompressionPool({ level, blockSize: 65_536, workers: 2 });
    const packed = await Promise.all(blocks.map((block) => pool.compress(block)));
    for (const [index, block] of blocks.entries()) {
      expect(Buffer.from(packed[index] ?? []).equals(zstd.compress(block, level))).toBe(true);
      expect(Buffer.from(zstd.decompress(packed[index] ?? block)).equals(block)).toBe(true);
    }
  }
});

test('openCompressionPool() lets the caller reuse the memory of a block', async () => {
  await using pool = openCompressionPool({ level: 9, blockSize: 65_536, workers: 1 });
  const block = Buffer.from(text);
  const [once, again] = [pool.compress(block), pool.compress(block)];
  block.fill(0);
  expect(await once).toEqual(await again);
  expect((await Zstd.load()).decompress(await once)).toEqual(new Uint8Array(text));
});

test('openCompressionPool() rejects what a thread that failed was to do', async () => {
  await using pool = openCompressionPool({ level: 9, blockSize: 16_384, workers: 1 });
  const jobs = [pool.compress(text), pool.compress(text.subarray(0, 100))];
  const results = await Promise.allSettled(jobs);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  await expect(jobs[0]).rejects.toThrow('a block of 63000 bytes is larger than 16384');
});
