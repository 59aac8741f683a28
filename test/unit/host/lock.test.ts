import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withLock } from '../../../src/host/lock.ts';
import { identifyProcess } from '../../../src/host/process-identity.ts';
import { describeOnExfat, mountExfat } from '../../support/exfat.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

type Place = AsyncDisposable & { readonly path: string };

describe('withLock()', () => suite(makeTempFolder, 'file'));
describeOnExfat('withLock() on exFAT, which has no hard links', () => suite(mountExfat, 'folder'));

function suite(open: () => Promise<Place>, kind: 'file' | 'folder'): void {
  let place: Place;
  let path: string;

  beforeEach(async () => {
    place = await open();
    path = join(place.path, 'locks', 'a.lock');
  });

  afterEach(async () => await place[Symbol.asyncDispose]());

  const take = async <T>(work: () => Promise<T>, timeoutMs = 20_000): Promise<T> =>
    await withLock(
      path,
      { what: 'it', timeoutMs, signal: new AbortController().signal, platform: process.platform },
      work,
    );

  const holdAs = async (owner: object, as: 'file' | 'folder'): Promise<void> => {
    await mkdir(as === 'file' ? join(place.path, 'locks') : path, { recursive: true });
    await writeFile(as === 'file' ? path : join(path, 'owner'), JSON.stringify({ token: 'x', ...owner }));
  };

  test('lets one in at a time, and leaves nothing behind', async () => {
    let inside = 0;
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      inside += 1;
      seen.push(inside);
      await sleep(2);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 12 }, () => take(work)));
    expect(seen).toEqual(Array.from({ length: 12 }, () => 1));
    expect(await readdir(join(place.path, 'locks'))).toEqual([]);
  });

  test('shows from the first moment whose it is', async () => {
    await take(async () => {
      const isFolder = (await stat(path)).isDirectory();
      expect(isFolder).toBe(kind === 'folder');
      const text = await readFile(isFolder ? join(path, 'owner') : path, 'utf8');
      expect(JSON.parse(text)).toMatchObject({ pid: process.pid, host: hostname() });
    });
  });

  test.each(['file', 'folder'] as const)('takes over a %s whose owner is gone, once', async (as) => {
    await holdAs({ pid: 2 ** 22 - 1, startedAt: 'long ago' }, as);
    let inside = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      expect(inside).toBe(1);
      await sleep(5);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => take(work)));
  });

  test.each(['file', 'folder'] as const)('leaves a %s of a living process alone', async (as) => {
    await holdAs({ ...(await identifyProcess(process.pid, process.platform)), host: hostname() }, as);
    await expect(take(async () => 1, 300)).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`process ${process.pid} has held it for 0.3 s`),
    });
    expect(await readdir(join(place.path, 'locks'))).toEqual(['a.lock']);
  });

  test('leaves the lock of another computer alone, and says what to do', async () => {
    await holdAs({ pid: 2 ** 22 - 1, startedAt: 'x', host: 'elsewhere' }, kind);
    await expect(take(async () => 1, 300)).rejects.toMatchObject({
      message: expect.stringContaining('on elsewhere has held it'),
      hint: expect.stringContaining(path),
    });
  });
}
