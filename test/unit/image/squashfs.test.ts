import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { fileSink } from '../../../src/image/byte-sink.ts';
import { type SquashfsOptions, writeSquashfs } from '../../../src/image/squashfs/write-squashfs.ts';
import type { TreeEntry } from '../../../src/image/tree.ts';

// Each image loads zstd anew, which takes its time on a busy computer.
vi.setConfig({ testTimeout: 20_000 });

const folder = mkdtempSync(join(tmpdir(), 'squashfs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mtimeSeconds = Date.UTC(2024, 5, 7, 8, 9, 10) / 1000;
const root = { uid: 0, gid: 0 };
const noise = randomBytes(70_000);

function file(path: string, content: string | Uint8Array, owner = root, mode = 0o644): TreeEntry {
  return { path, type: 'file', mode, ...owner, content: Buffer.from(content) };
}

const many = Array.from({ length: 700 }, (_, index) => file(`many/entry number ${index}`, `${index}`));
const longNames = Array.from({ length: 400 }, (_, index) => file(`long/${String(index).padStart(240, 'x')}`, ''));
const text = 'all work and no play\n'.repeat(9000);
const tree: TreeEntry[] = [
  { path: '', type: 'directory', mode: 0o711, uid: 0, gid: 7 },
  file('bin/tool', text, { uid: 1000, gid: 70_000 }, 0o4755),
  file('bin/same', text),
  file('noise', noise),
  file('exactly one block', noise.subarray(0, 65_536)),
  file('empty', ''),
  file('ünïcödé/naïve', 'text'),
  { path: 'bin/link', type: 'symlink', mode: 0o777, ...root, target: '../noise' },
  { path: 'dev/tty', type: 'device', mode: 0o666, uid: 0, gid: 5, kind: 'character', major: 5, minor: 0 },
  { path: 'dev/many', type: 'device', mode: 0o660, uid: 0, gid: 6, kind: 'block', major: 259, minor: 7 },
  { path: 'tmp', type: 'directory', mode: 0o1777, ...root },
  ...many,
  ...longNames,
];

async function write(name: string, entries: readonly TreeEntry[], options?: Partial<SquashfsOptions>): Promise<string> {
  const path = join(folder, name);
  const output = await open(path, 'w');
  try {
    const signal = new AbortController().signal;
    const { bytes } = await writeSquashfs(entries, fileSink(output), {
      mtimeSeconds,
      signal,
      blockSize: 65_536,
      workers: 1,
      ...options,
    });
    expect((await output.stat()).size).toBe(bytes);
  } finally {
    await output.close();
  }
  return path;
}

function unsquashfs(...args: string[]): string {
  return execFileSync('unsquashfs', args, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
}

test('writeSquashfs() keeps modes, owners, types, targets and devices, as the real unsquashfs lists them', async () => {
  const listing = unsquashfs('-lln', await write('listed', tree));
  const lines = listing.split('\n').map((line) =>
    line
      .replace(/ +/g, ' ')
      .replace(' 2024-06-07 08:09', '')
      .replace(/^(d\S+ \S+) \d+/, '$1'),
  );
  expect(lines.filter((line) => !/many\/|long\//.test(line) && line.includes('squashfs-root'))).toEqual([
    'drwx--x--x 0/7 squashfs-root',
    'drwxr-xr-x 0/0 squashfs-root/bin',
    'lrwxrwxrwx 0/0 8 squashfs-root/bin/link -> ../noise',
    '-rw-r--r-- 0/0 189000 squashfs-root/bin/same',
    '-rwsr-xr-x 1000/70000 189000 squashfs-root/bin/tool',
    'drwxr-xr-x 0/0 squashfs-root/dev',
    'brw-rw---- 0/6 259, 7 squashfs-root/dev/many',
    'crw-rw-rw- 0/5 5, 0 squashfs-root/dev/tty',
    '-rw-r--r-- 0/0 0 squashfs-root/empty',
    '-rw-r--r-- 0/0 65536 squashfs-root/exactly one block',
    'drwxr-xr-x 0/0 squashfs-root/long',
    'drwxr-xr-x 0/0 squashfs-root/many',
    '-rw-r--r-- 0/0 70000 squashfs-root/noise',
    'drwxrwxrwt 0/0 squashfs-root/tmp',
    'drwxr-xr-x 0/0 squashfs-root/ünïcödé',
    '-rw-r--r-- 0/0 4 squashfs-root/ünïcödé/naïve',
  ]);
});

test('writeSquashfs() gives back every content through the real unsquashfs', async () => {
  const plain = tree.filter((entry) => entry.type !== 'device');
  const unpacked = join(folder, 'unpacked');
  unsquashfs('-quiet', '-no-progress', '-dest', unpacked, await write('packed', plain));
  for (const entry of plain) {
    const path = join(unpacked, entry.path);
    if (entry.type === 'file') expect(readFileSync(path).equals(entry.content), entry.path).toBe(true);
    if (entry.type === 'symlink') expect(readlinkSync(path)).toBe(entry.target);
    if (entry.type === 'directory') expect(lstatSync(path).mode & 0o7777).toBe(entry.mode);
  }
  expect(readdirSync(join(unpacked, 'many'))).toHaveLength(700);
  expect(readdirSync(join(unpacked, 'long'))).toHaveLength(400);
  expect(lstatSync(join(unpacked, 'noise')).mtimeMs).toBe(mtimeSeconds * 1000);
});

test('writeSquashfs() stores equal files once and says what it is', async () => {
  const single = await write('single', [file('one', noise)]);
  const double = await write('double', [file('one', noise), file('two', noise)]);
  expect(lstatSync(double).size).toBe(lstatSync(single).size);
  const about = unsquashfs('-stat', double);
  expect(about).toContain('Creation or last append time Fri Jun  7 08:09:10 2024');
  expect(about).toContain('Compression zstd\n\tcompression-level 9\nBlock size 65536');
  expect(about).toContain('Number of inodes 3\n');
});

test('writeSquashfs() gives the same bytes whatever the number of threads and the order of the entries', async () => {
  const one = await write('one thread', tree, { workers: 1 });
  const three = await write('three threads', [...tree].reverse(), { workers: 3 });
  expect(readFileSync(one).equals(readFileSync(three))).toBe(true);
});

test('writeSquashfs() writes a tree without any file', async () => {
  expect(unsquashfs('-ll', await write('bare', [])).trim()).toMatch(/ squashfs-root$/);
});

test('writeSquashfs() reports progress up to the size of all contents', async () => {
  const seen: number[][] = [];
  await write('progress', [file('a', noise), file('b', noise), file('c', 'c')], {
    onProgress: (...numbers) => seen.push(numbers),
  });
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.at(-1)).toEqual([140_001, 140_001]);
});

test('writeSquashfs() ends with the reason when it is interrupted', async () => {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  const onProgress = () => controller.abort(reason);
  const entries = Array.from({ length: 40 }, (_, index) => file(`file ${index}`, randomBytes(65_536)));
  await expect(write('interrupted', entries, { signal: controller.signal, onProgress })).rejects.toBe(reason);
});

test('writeSquashfs() passes on the failure of the disk', async () => {
  const full = await open('/dev/full', 'w');
  const signal = new AbortController().signal;
  await expect(writeSquashfs(tree, fileSink(full), { mtimeSeconds, signal })).rejects.toMatchObject({ code: 'ENOSPC' });
  await full.close();
});
