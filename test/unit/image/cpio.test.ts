import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatCpio } from '../../../src/image/cpio.ts';
import type { TreeEntry } from '../../../src/image/tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpio-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mtimeSeconds = Date.UTC(2024, 5, 7, 8, 9, 10) / 1000;
const root = { uid: 0, gid: 0 };
const tree: TreeEntry[] = [
  { path: 'bin/busybox', type: 'file', mode: 0o755, ...root, content: Buffer.from('#!/bin/sh\n'.repeat(50)) },
  { path: 'bin/sh', type: 'symlink', mode: 0o777, ...root, target: 'busybox' },
  { path: 'bin', type: 'directory', mode: 0o755, ...root },
  { path: 'empty', type: 'file', mode: 0o4640, uid: 1000, gid: 50, content: new Uint8Array(0) },
  { path: 'dev/console', type: 'device', mode: 0o600, ...root, kind: 'character', major: 5, minor: 1 },
  { path: 'dev/sda1', type: 'device', mode: 0o660, uid: 0, gid: 6, kind: 'block', major: 8, minor: 1 },
];

test('formatCpio() lists as written, parents first, in the real cpio', () => {
  const input = formatCpio(tree, { mtimeSeconds });
  const listing = execFileSync('cpio', ['-tvn', '--quiet'], {
    input,
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  const lines = listing.trim().split('\n');
  expect(lines.map((line) => line.replace(/ +/g, ' ').replace('Jun 7 2024 ', ''))).toEqual([
    'drwxr-xr-x 2 0 0 0 bin',
    '-rwxr-xr-x 1 0 0 500 bin/busybox',
    'lrwxrwxrwx 1 0 0 7 bin/sh -> busybox',
    'drwxr-xr-x 2 0 0 0 dev',
    'crw------- 1 0 0 5, 1 dev/console',
    'brw-rw---- 1 0 6 8, 1 dev/sda1',
    '-rwSr----- 1 1000 50 0 empty',
  ]);
});

test('formatCpio() can be unpacked by the real cpio', () => {
  const files = tree.filter((entry) => entry.type !== 'device');
  execFileSync('cpio', ['-idm', '--quiet', '--no-preserve-owner'], {
    input: formatCpio(files, { mtimeSeconds }),
    cwd: folder,
  });
  expect(readFileSync(join(folder, 'bin/busybox'), 'utf8')).toBe('#!/bin/sh\n'.repeat(50));
  expect(lstatSync(join(folder, 'bin/busybox')).mtimeMs).toBe(mtimeSeconds * 1000);
  expect(readlinkSync(join(folder, 'bin/sh'))).toBe('busybox');
  expect(lstatSync(join(folder, 'empty')).size).toBe(0);
});

test('formatCpio() does not depend on the order of the entries and ends on a whole block', () => {
  const archive = formatCpio(tree, { mtimeSeconds });
  expect(formatCpio([...tree].reverse(), { mtimeSeconds })).toEqual(archive);
  expect(archive.length % 512).toBe(0);
});

test.each([
  ['/etc', 'Cannot put "/etc" into the image: its path is not a plain relative one'],
  ['a/../b', 'Cannot put "a/../b" into the image: its path is not a plain relative one'],
  ['bin/sh/x', 'Cannot put "bin/sh/x" into the image: "bin/sh" is no folder'],
  ['empty', 'Cannot put "empty" into the image: it is given twice'],
])('formatCpio() refuses the path %s', (path, message) => {
  const entry: TreeEntry = { path, type: 'file', mode: 0o644, ...root, content: new Uint8Array(0) };
  expect(() => formatCpio([...tree, entry], { mtimeSeconds })).toThrow(
    expect.objectContaining({ code: 'IMAGE_TREE_INVALID', message }),
  );
});
