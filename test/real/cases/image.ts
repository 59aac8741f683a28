import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildTestImage } from '../../support/image-cache.ts';
import type { RealStore } from '../../support/real-store.ts';

/** What can be done with an image before there is a machine. */
export function imageCases(store: () => RealStore): void {
  test('a second build of the same inputs finds the first', async () => {
    const { reused, sha256 } = await buildTestImage();
    expect({ reused, sha256 }).toEqual({ reused: true, sha256: store().image.sha256 });
  });

  test('a build of its own, in another time zone, gives the same bytes', async () => {
    const output = join(store().path, 'again.iso');
    const built = await buildTestImage(['--output', output], { TZ: 'Pacific/Auckland' });
    expect(built).toMatchObject({ path: output, reused: false, sha256: store().image.sha256 });
    expect(await digest(output)).toBe(store().image.sha256);
  });

  test('image verify and image ls know it', async () => {
    const { path, engineVersion } = store().image;
    expect(await store().ask('image', 'verify', path)).toBe(`${path}: good\n`);
    expect(await store().ask('image', 'ls')).toContain(engineVersion);
  });

  test('a corrupted image is refused by name, and nothing is left', async () => {
    const path = join(store().path, 'again.iso');
    await copyFile(store().image.path.replace(/\.iso$/, '.json'), join(store().path, 'again.json'));
    const file = await open(path, 'r+');
    await file.write('x', 50_000_000);
    await file.close();
    const words = ['create', '--driver', 'qemu', '--qemu-boot2docker-url', path, 'corrupt'];
    const { exitCode, stdout, stderr } = await store().tmachine(words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(path);
    expect(await store().ask('ls', '-q')).toBe('');
  });
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
