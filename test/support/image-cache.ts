import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { linkOrCopy } from '../../src/host/link-or-copy.ts';
import { runTmachine } from './run-tmachine.ts';

/** What `image build --json` answers. */
export interface BuiltForTest {
  readonly path: string;
  readonly reused: boolean;
  readonly engineVersion: string;
  readonly sha256: string;
}

/** The store that keeps packages and boot image from one run of the tests to the next; nothing else is in it. */
export const imageStore: string =
  process.env['TMACHINE_TEST_CACHE'] ?? resolve(import.meta.dirname, '..', '..', '.cache', 'tmachine-store');

/** Calls `image build` on the lasting store, in this computer's own environment, because only that may reach a mirror. */
export async function buildTestImage(
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<BuiltForTest> {
  const given = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const { exitCode, stdout, stderr } = await runTmachine(['image', 'build', '--json', ...words], {
    env: { ...Object.fromEntries(given), ...env, MACHINE_STORAGE_PATH: imageStore },
  });
  if (exitCode !== 0) throw new Error(`image build ended with ${exitCode}:\n${stderr}`);
  return JSON.parse(stdout);
}

/** Puts the boot image, built now where that has not been done, into the cache of another store. */
export async function lendImage(store: string): Promise<BuiltForTest> {
  const image = await buildTestImage();
  await forgetOthers(image.path);
  return await lend(image, store);
}

/** The same without asking a mirror whether it is the newest, for tests that run where no mirror can be reached. */
export async function lendCachedImage(store: string): Promise<BuiltForTest> {
  const cache = join(imageStore, 'cache');
  const names = existsSync(cache) ? await readdir(cache) : [];
  const images = names.filter((name) => name.startsWith('tmachine-') && name.endsWith('.iso'));
  const ages = await Promise.all(images.map(async (name) => ({ name, at: (await stat(join(cache, name))).mtimeMs })));
  const newest = ages.sort((one, other) => other.at - one.at)[0];
  if (newest === undefined) return await lendImage(store);
  const path = join(cache, newest.name);
  const { engineVersion, iso } = JSON.parse(await readFile(path.replace(/\.iso$/, '.json'), 'utf8'));
  return await lend({ path, engineVersion, sha256: iso.sha256, reused: true }, store);
}

async function lend(image: BuiltForTest, store: string): Promise<BuiltForTest> {
  const cache = join(store, 'cache');
  await mkdir(cache, { recursive: true });
  for (const path of [image.path, image.path.replace(/\.iso$/, '.json')])
    await linkOrCopy(path, join(cache, basename(path)));
  return { ...image, path: join(cache, basename(image.path)) };
}

/** Images of earlier inputs are of no use any more. */
async function forgetOthers(path: string): Promise<void> {
  const cache = join(imageStore, 'cache');
  const stem = basename(path, '.iso');
  for (const name of await readdir(cache))
    if (name.startsWith('tmachine-') && !name.startsWith(stem)) await rm(join(cache, name), { force: true });
}
