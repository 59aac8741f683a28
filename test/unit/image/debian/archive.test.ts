import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unpackDeb } from '../../../../src/image/debian/archive.ts';
import { openDecompressor } from '../../../../src/image/debian/decompress.ts';
import type { TreeEntry } from '../../../../src/image/tree.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const signal = new AbortController().signal;
const everything = (): boolean => true;

/** A tree with a long name, a link, a hard link and a set-id program, as a real `.deb`. */
function makeDeb(folder: string, compression: string): string {
  const root = join(folder, 'root');
  const deep = join(root, 'usr', 'share', 'd'.repeat(90), 'e'.repeat(90));
  mkdirSync(deep, { recursive: true });
  mkdirSync(join(root, 'DEBIAN'));
  mkdirSync(join(root, 'usr', 'bin'));
  writeFileSync(
    join(root, 'DEBIAN', 'control'),
    'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n',
  );
  writeFileSync(join(deep, 'name with ünicode'), 'deep');
  writeFileSync(join(root, 'usr', 'bin', 'one'), Buffer.alloc(3_000_000, 7));
  linkSync(join(root, 'usr', 'bin', 'one'), join(root, 'usr', 'bin', 'two'));
  execFileSync('ln', ['-s', 'one', join(root, 'usr', 'bin', 'link')]);
  execFileSync('chmod', ['4755', join(root, 'usr', 'bin', 'one')]);
  const path = join(folder, 'x.deb');
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', `-Z${compression}`, root, path], {
    stdio: 'ignore',
    env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' },
  });
  return path;
}

/** Comparing arrays of millions by a matcher takes minutes. */
function holdsSevens(entry: TreeEntry | undefined): boolean {
  return entry?.type === 'file' && Buffer.alloc(3_000_000, 7).equals(entry.content);
}

describe('unpackDeb()', () => {
  test.each(['xz', 'gzip', 'zstd', 'none'])('reads a package compressed with %s', async (compression) => {
    await using folder = await makeTempFolder();
    await using decompressor = openDecompressor({ workers: 1, signal });
    const { entries, newestMs } = await unpackDeb(makeDeb(folder.path, compression), {
      decompressor,
      keep: everything,
    });
    const byPath = new Map(entries.map((entry) => [entry.path, entry]));
    const deep = byPath.get(`usr/share/${'d'.repeat(90)}/${'e'.repeat(90)}/name with ünicode`);
    expect(deep).toMatchObject({ type: 'file', content: new Uint8Array(Buffer.from('deep')) });
    expect(byPath.get('usr/bin/one')).toMatchObject({ type: 'file', mode: 0o4755, uid: 0, gid: 0 });
    expect(byPath.get('usr/bin/two')).toMatchObject({ type: 'file', mode: 0o4755, uid: 0, gid: 0 });
    expect(holdsSevens(byPath.get('usr/bin/one'))).toBe(true);
    expect(holdsSevens(byPath.get('usr/bin/two'))).toBe(true);
    expect(byPath.get('usr/bin/link')).toMatchObject({ type: 'symlink', target: 'one' });
    expect(byPath.get('usr/bin')).toMatchObject({ type: 'directory', mode: 0o755 });
    expect(byPath.has('')).toBe(false);
    expect(newestMs).toBe(1_700_000_000_000);
  });

  test('gives a hard link its content even where the target is not kept', async () => {
    await using folder = await makeTempFolder();
    await using decompressor = openDecompressor({ workers: 1, signal });
    const path = makeDeb(folder.path, 'xz');
    const kept = await Promise.all(
      ['usr/bin/one', 'usr/bin/two'].map((wanted) =>
        unpackDeb(path, { decompressor, keep: (each) => each === wanted }),
      ),
    );
    expect(kept.map(({ entries }) => entries.map((entry) => entry.path))).toEqual([['usr/bin/one'], ['usr/bin/two']]);
    expect(kept.map(({ entries }) => holdsSevens(entries[0]))).toEqual([true, true]);
  });

  test.each([30, 400])('refuses a package cut after %d bytes', async (size) => {
    await using folder = await makeTempFolder();
    await using decompressor = openDecompressor({ workers: 1, signal });
    const path = makeDeb(folder.path, 'xz');
    truncateSync(path, size);
    await expect(unpackDeb(path, { decompressor, keep: everything })).rejects.toThrow(SyntaxError);
  });

  test.each(['xz', 'gzip', 'zstd'])('refuses damaged %s data', async (compression) => {
    await using folder = await makeTempFolder();
    await using decompressor = openDecompressor({ workers: 1, signal });
    const path = makeDeb(folder.path, compression);
    const bytes = readFileSync(path);
    bytes.fill(0xaa, bytes.length - 300, bytes.length - 200);
    writeFileSync(path, bytes);
    await expect(unpackDeb(path, { decompressor, keep: everything })).rejects.toThrow();
  });

  test('refuses a file that is no package', async () => {
    await using folder = await makeTempFolder();
    await using decompressor = openDecompressor({ workers: 1, signal });
    const path = join(folder.path, 'x.deb');
    writeFileSync(path, '<html>');
    await expect(unpackDeb(path, { decompressor, keep: everything })).rejects.toThrow('not an ar archive');
  });

  test('ends when it is aborted', async () => {
    await using folder = await makeTempFolder();
    const stop = new AbortController();
    await using decompressor = openDecompressor({ workers: 1, signal: stop.signal });
    const call = unpackDeb(makeDeb(folder.path, 'xz'), {
      decompressor,
      keep: () => {
        stop.abort();
        return true;
      },
    });
    await expect(call).rejects.toThrow();
  });
});
