import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/events/event.ts';
import {
  type DebianRepository,
  makeSigningKey,
  type ReleaseRecipe,
  type SigningKey,
} from '../../support/debian-repository.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { listDebris, makeTinyArchive, type TinyArchive } from '../../support/tiny-archive.ts';

let archive: TinyArchive;

beforeAll(async () => {
  archive = await makeTinyArchive();
}, 120_000);

afterAll(async () => {
  await archive[Symbol.asyncDispose]();
});

describe('buildImage() stops and leaves only whole packages', { timeout: 60_000 }, () => {
  /** Builds from a spoilt archive and looks at what is left. */
  async function fail(
    spoil: (repository: DebianRepository) => void | Promise<void>,
    release: ReleaseRecipe = {},
    by: SigningKey = archive.key,
  ): Promise<unknown> {
    await using folder = await makeTempFolder();
    await using repository = await archive.startMirror(release, by);
    await spoil(repository);
    const error = await archive.build(repository, folder.path).catch((failure: unknown) => failure);
    const debris = await listDebris(folder.path);
    expect(debris.filter((name) => !name.endsWith('.part'))).toEqual([]);
    return error;
  }

  function change(repository: DebianRepository, path: string, edit: (bytes: Buffer) => Uint8Array): void {
    repository.files.set(path, edit(Buffer.from(repository.files.get(path) ?? [])));
  }

  const flip = (bytes: Buffer): Buffer => {
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    return bytes;
  };
  const indexPaths = (repository: DebianRepository): string[] =>
    [...repository.files.keys()].filter((path) => path.includes('binary-amd64'));

  test('where the archive is signed by another key', async () => {
    const error = await fail(() => undefined, {}, await makeSigningKey());
    expect(error).toMatchObject({ code: 'BAD_SIGNATURE', message: expect.stringContaining('/dists/trixie/InRelease') });
  });

  test('where the archive has expired', async () => {
    const error = await fail(() => undefined, { validUntil: new Date(Date.now() - 1000) });
    expect(error).toMatchObject({ code: 'RELEASE_EXPIRED' });
  });

  test('where the index is not the one that was signed', async () => {
    const error = await fail((repository) => {
      for (const path of indexPaths(repository)) change(repository, path, flip);
    });
    expect(error).toMatchObject({ code: 'DIGEST_MISMATCH', message: expect.stringContaining('/by-hash/SHA256/') });
  });

  test('where the index is cut short', async () => {
    const error = await fail((repository) => {
      for (const path of indexPaths(repository)) change(repository, path, (bytes) => bytes.subarray(0, 100));
    });
    expect(error).toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  test('where a package is not the one in the index', async () => {
    const error = await fail((repository) => change(repository, repository.poolPath('runc'), flip));
    expect(error).toMatchObject({ code: 'DIGEST_MISMATCH', message: expect.stringContaining('/pool/main/runc_') });
  });

  test('where a package is gone', async () => {
    const error = await fail((repository) => void repository.files.delete(repository.poolPath('runc')));
    expect(error).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('/pool/main/runc_'),
      hint: expect.stringContaining('try again'),
    });
  });

  test('where the mirror is down', async () => {
    const error = await fail(async (repository) => await repository[Symbol.asyncDispose]());
    expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED', message: expect.stringContaining('/InRelease') });
  });

  test('where the mirror falls silent', async () => {
    const error = await fail((repository) => {
      repository.interfere = (request) => request.url?.includes('/pool/main/sudo_') ?? false;
    });
    expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED', message: expect.stringContaining('/pool/main/sudo_') });
  });

  test('where the suite does not exist or cannot', async () => {
    await using folder = await makeTempFolder();
    const call = archive.build(archive.mirror, folder.path, { suite: '../sid' });
    await expect(call).rejects.toMatchObject({ code: 'BAD_SUITE' });
    await expect(archive.build(archive.mirror, folder.path, { suite: 'sid' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('when it is aborted, at any step', async () => {
    for (const when of ['image.index', 'image.download', 'image.unpack', 'image.write']) {
      await using folder = await makeTempFolder();
      const stop = new AbortController();
      const emit = (event: EventBody): void => {
        if (event.type === 'step.started' && event.step === when) setTimeout(() => stop.abort(), 5);
      };
      await expect(archive.build(archive.mirror, folder.path, { emit, signal: stop.signal })).rejects.toThrow(/abort/i);
      expect((await listDebris(folder.path)).filter((name) => !name.endsWith('.part'))).toEqual([]);
    }
  });

  const canMount = process.getuid?.() === 0 && process.platform === 'linux';

  async function withSmallDisk(kibibytes: number, path: string, work: () => Promise<void>): Promise<void> {
    await mkdir(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmachine-test', path]);
    try {
      await work();
    } finally {
      execFileSync('umount', [path]);
    }
  }

  test.runIf(canMount)('where there is no room for the packages', async () => {
    await using folder = await makeTempFolder();
    await withSmallDisk(16, folder.path, async () => {
      await expect(archive.build(archive.mirror, folder.path)).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(await listDebris(folder.path)).toEqual([]);
    });
  });

  test.runIf(canMount)('where the disk becomes full while the image is written', async () => {
    await using folder = await makeTempFolder();
    const cache = join(folder.path, 'cache');
    const { manifest } = await archive.build(archive.mirror, cache);
    const disk = join(folder.path, 'disk');
    await withSmallDisk(Math.floor(manifest.iso.size / 4096) * 4 - 8, disk, async () => {
      const call = archive.build(archive.mirror, cache, { output: join(disk, 'image.iso') });
      await expect(call).rejects.toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('image.iso') });
      expect(await listDebris(disk)).toEqual([]);
    });
  });

  test('still takes the index from its plain address where there is none by digest', async () => {
    await using folder = await makeTempFolder();
    await using repository = await archive.startMirror();
    for (const path of indexPaths(repository)) if (path.includes('by-hash')) repository.files.delete(path);
    expect((await archive.build(repository, folder.path)).manifest.engineVersion).toBe('26.1.5');
  });
});
