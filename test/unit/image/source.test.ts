import { cp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listImages, removeImage } from '../../../src/image/cache.ts';
import { manifestPath, verifyImage } from '../../../src/image/manifest.ts';
import { findBootImage, type ImageContext } from '../../../src/image/source.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { makeTinyArchive, type TinyArchive } from '../../support/tiny-archive.ts';

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

describe('findBootImage()', { timeout: 60_000 }, () => {
  function imageContext(folder: string, changes: Partial<ImageContext> = {}): ImageContext {
    return {
      ...archive.contextOf(),
      cacheDirectory: join(folder, 'cache'),
      settingsFile: join(folder, 'tmachine.json'),
      aptFolder: join(folder, 'apt'),
      cwd: folder,
      ...changes,
    };
  }

  test('builds where there is nothing, and then uses what is there', async () => {
    await using folder = await makeTempFolder();
    await writeFile(join(folder.path, 'tmachine.json'), JSON.stringify({ debianMirror: archive.mirror.url }));
    const first = await findBootImage(undefined, imageContext(folder.path));
    expect(first).toMatchObject({ takesSeed: true, manifest: { engineVersion: '26.1.5' } });
    const before = archive.mirror.requests.length;
    expect((await findBootImage(undefined, imageContext(folder.path))).path).toBe(first.path);
    expect(archive.mirror.requests).toHaveLength(before);
  });

  test('refuses a damaged image of the cache by name', async () => {
    await using folder = await makeTempFolder();
    await cp(built.folder, join(folder.path, 'cache'), { recursive: true });
    const path = join(folder.path, 'cache', built.path.slice(built.folder.length + 1));
    await writeFile(path, 'x', { flag: 'r+' });
    await expect(findBootImage(undefined, imageContext(folder.path))).rejects.toMatchObject({
      code: 'IMAGE_CORRUPT',
      message: expect.stringContaining(path),
      hint: expect.stringContaining('image rm'),
    });
    await writeFile(path, 'short');
    await expect(findBootImage(path, imageContext(folder.path))).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
  });

  test('falls back to boot2docker where no mirror is known, and says so', async () => {
    await using folder = await makeTempFolder();
    const iso = Buffer.from(built.bytes);
    iso.write('b2d-v19.03.12'.padEnd(32), 32768 + 40, 'latin1');
    await using server = await startLoopbackServer((_, response) => void response.end(iso));
    const notices: string[] = [];
    const context = imageContext(folder.path, {
      env: { TMACHINE_BOOT2DOCKER_BASE_URL: server.url },
      emit: (event) => void (event.type === 'notice' && notices.push(event.text)),
    });
    const image = await findBootImage(undefined, context);
    expect(image).toMatchObject({ takesSeed: false, manifest: undefined });
    expect(notices.join()).toMatch(/2020.*no checksum/s);
    await findBootImage(undefined, context);
    expect(server.requests).toEqual(['GET /v19.03.12/boot2docker.iso']);
    expect(await listImages(context.cacheDirectory)).toMatchObject([
      { kind: 'boot2docker', engineVersion: '19.03.12' },
    ]);
  });

  test('downloads a URL once and uses a path in place', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((_, response) => void response.end(built.bytes));
    const url = `${server.url}/some/image.iso`;
    const first = await findBootImage(url, imageContext(folder.path));
    const second = await findBootImage(url, imageContext(folder.path));
    expect(second).toEqual(first);
    expect(server.requests).toHaveLength(1);
    expect(first.takesSeed).toBe(true);
    await writeFile(join(folder.path, 'own.iso'), built.bytes);
    for (const source of ['own.iso', join(folder.path, 'own.iso'), `file://${folder.path}/own.iso`])
      expect(await findBootImage(source, imageContext(folder.path))).toMatchObject({ takesSeed: true });
    await expect(findBootImage('none.iso', imageContext(folder.path))).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
  });

  test('refuses what is no disc or not all of one', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((_, response) => void response.end('<html>Log in</html>'));
    const download = findBootImage(`${server.url}/x.iso`, imageContext(folder.path));
    await expect(download).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    expect(await readdir(join(folder.path, 'cache'))).toEqual([]);
    await writeFile(join(folder.path, 'cut.iso'), built.bytes.subarray(0, built.bytes.length - 4096));
    await expect(findBootImage('cut.iso', imageContext(folder.path))).rejects.toThrow(/has \d+ of its \d+ bytes/);
  });
});

describe('listImages() and removeImage()', { timeout: 60_000 }, () => {
  test('show the newest first and remove an image with its manifest', async () => {
    await using folder = await makeTempFolder();
    await cp(built.folder, folder.path, { recursive: true });
    const name = built.path.slice(built.folder.length + 1);
    await writeFile(join(folder.path, 'boot2docker.iso'), 'not even a disc');
    await utimes(join(folder.path, 'boot2docker.iso'), 0, 0);
    await writeFile(join(folder.path, 'other.iso'), 'x');
    const images = await listImages(folder.path);
    expect(images.map(({ path }) => path)).toEqual([join(folder.path, name), join(folder.path, 'boot2docker.iso')]);
    expect(images[0]).toMatchObject({ kind: 'tmachine', suite: 'trixie', kernelVersion: '6.1.0-test' });
    await removeImage(name, folder.path);
    expect((await readdir(folder.path)).filter((each) => each.startsWith('tmachine'))).toEqual([]);
    await expect(removeImage(name, folder.path)).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
    await expect(removeImage('/etc/hostname', folder.path)).rejects.toMatchObject({ code: 'NOT_AN_IMAGE' });
    expect(await listImages(join(folder.path, 'nowhere'))).toEqual([]);
  });
});

describe('verifyImage()', { timeout: 60_000 }, () => {
  test('names a manifest that is missing, damaged or of a later tmachine', async () => {
    await using folder = await makeTempFolder();
    const signal = new AbortController().signal;
    const path = join(folder.path, 'x.iso');
    await expect(verifyImage(path, signal)).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
    await writeFile(path, 'x');
    await expect(verifyImage(path, signal)).rejects.toMatchObject({ code: 'IMAGE_NO_MANIFEST' });
    for (const text of ['', '{}', 'null', '[]', '{"formatVersion": 2}']) {
      await writeFile(manifestPath(path), text);
      await expect(verifyImage(path, signal)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    }
  });
});
