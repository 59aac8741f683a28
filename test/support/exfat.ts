import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from 'vitest';
import { describeAsRoot } from './requires.ts';
import { makeTempFolder } from './temp-folder.ts';

const run = promisify(execFile);

const programs = ['mkfs.exfat', 'mount.exfat-fuse', 'losetup', 'umount'];

/** A suite on exFAT, where root can mount it. */
export function describeOnExfat(name: string, suite: () => void): void {
  const missing = ['/dev/fuse', '/dev/loop-control'].filter((device) => !existsSync(device));
  if (missing.length === 0) describeAsRoot(programs, name, suite);
  else describe.skipIf(true)(`${name} (needs ${missing.join(', ')})`, suite);
}

/** A folder on exFAT, which has neither hard links nor symbolic links nor permissions. */
export async function mountExfat(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await makeTempFolder();
  const [image, path] = [join(folder.path, 'image'), join(folder.path, 'mounted')];
  await mkdir(path);
  await writeFile(image, '');
  await truncate(image, 16 * 1024 * 1024);
  await run('mkfs.exfat', [image]);
  const device = (await run('losetup', ['--find', '--show', image])).stdout.trim();
  try {
    await run('mount.exfat-fuse', [device, path]);
  } finally {
    // As long as it is mounted it stays; so nothing is left of it afterwards, whatever happens to us.
    await run('losetup', ['--detach', device]);
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      // A file that has just been closed may keep it busy for a moment.
      await run('umount', [path]).catch(async () => await run('umount', ['--lazy', path]));
      await folder[Symbol.asyncDispose]();
    },
  };
}
