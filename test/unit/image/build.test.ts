import { appendFile, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/events/event.ts';
import { verifyImage } from '../../../src/image/manifest.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { listDebris, makeTinyArchive, type TinyArchive } from '../../support/tiny-archive.ts';

let archive: TinyArchive;
let made: Awaited<ReturnType<typeof makeTempFolder>>;
let built: { readonly folder: string; readonly path: string; readonly bytes: Buffer };

beforeAll(async () => {
  archive = await makeTinyArchive();
  made = await makeTempFolder();
  const folder = join(made.path, 'cache');
  const { path } = await archive.build(archive.mirror, folder);
  built = { folder, path, bytes: await readFile(path) };
}, 120_000);

afterAll(async () => {
  await archive[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

describe('buildImage()', { timeout: 60_000 }, () => {
  test('writes a disc and its manifest, and nothing else', async () => {
    const manifest = await verifyImage(built.path, new AbortController().signal);
    expect(manifest).toMatchObject({
      kind: 'built',
      suite: 'trixie',
      engineVersion: '26.1.5',
      kernelVersion: '6.1.0-test',
      date: '2023-11-14T22:13:20.000Z',
    });
    expect(built.bytes.toString('latin1', 32769, 32774)).toBe('CD001');
    expect(await listDebris(built.folder)).toEqual([
      expect.stringMatching(/^tmachine-trixie-26\.1\.5-[0-9a-f]{12}\.iso$/),
      expect.stringMatching(/^tmachine-trixie-26\.1\.5-[0-9a-f]{12}\.json$/),
    ]);
  });

  test('gives the same bytes elsewhere, with more threads, in another time zone', async () => {
    await using folder = await makeTempFolder();
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Kathmandu';
    try {
      const output = join(folder.path, 'deep image.iso');
      const { manifest } = await archive.build(archive.mirror, join(folder.path, 'cache'), { workers: 3, output });
      expect(built.bytes.equals(await readFile(output))).toBe(true);
      expect(manifest.iso.size).toBe(built.bytes.length);
      expect(await listDebris(join(folder.path, 'cache'))).toEqual([]);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  test('returns an image of the same inputs, unless it is damaged', async () => {
    await using folder = await makeTempFolder();
    await cp(built.folder, folder.path, { recursive: true });
    await writeFile(join(folder.path, 'tmachine-trixie-26.1.5-0123456789ab.iso.0123456789ab.tmp'), 'left by a kill');
    const first = await archive.build(archive.mirror, folder.path);
    expect(first.reused).toBe(true);
    await writeFile(first.path, 'x', { flag: 'r+' });
    const second = await archive.build(archive.mirror, folder.path);
    expect(second).toMatchObject({ path: first.path, reused: false });
    expect(built.bytes.equals(await readFile(second.path))).toBe(true);
    expect(await listDebris(folder.path)).toHaveLength(2);
  });

  test('asks for no package that it has, and for one that is damaged', async () => {
    await using folder = await makeTempFolder();
    const store = join(folder.path, 'debian');
    await cp(join(built.folder, 'debian'), store, { recursive: true });
    const [first] = (await readdir(store)).filter((name) => name.endsWith('.deb'));
    await appendFile(join(store, first ?? ''), 'damage');
    const before = archive.mirror.requests.length;
    await archive.build(archive.mirror, folder.path);
    const asked = archive.mirror.requests.slice(before);
    expect(asked.filter((request) => request.includes('/pool/'))).toHaveLength(1);
    expect(asked[0]).toBe('GET /dists/trixie/InRelease');
  });

  test('tells its steps, and bytes up to the total', async () => {
    await using folder = await makeTempFolder();
    const events: EventBody[] = [];
    await archive.build(archive.mirror, folder.path, { emit: (event) => void events.push(event) });
    const finished = events.flatMap((event) => (event.type === 'step.finished' ? [event.step] : []));
    expect(finished).toEqual(['image.index', 'image.download', 'image.unpack', 'image.write']);
    const last = events.findLast((event) => event.type === 'step.progress' && event.step === 'image.download');
    expect(last).toMatchObject({ unit: 'bytes' });
    expect(last?.type === 'step.progress' && last.done === last.total).toBe(true);
  });

  test('lets two builds at once wait for one another', async () => {
    await using folder = await makeTempFolder();
    const both = await Promise.all([
      archive.build(archive.mirror, folder.path),
      archive.build(archive.mirror, folder.path),
    ]);
    expect(both.map(({ reused }) => reused).sort()).toEqual([false, true]);
  });
});
