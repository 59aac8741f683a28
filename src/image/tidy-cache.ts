import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listImages } from './cache.ts';
import { prunePackages } from './debian/package-store.ts';
import { readManifest } from './manifest.ts';

/** Removes what a build left that was killed; no other may run meanwhile. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^tmachine-.*\.iso\.[0-9a-f]{12}\.tmp$/.test(name));
  await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
}

/** Removes downloaded packages that are in none of the cache's images, except those of `alsoKept`. */
export async function removeUnusedPackages(
  cacheDirectory: string,
  packageFolder: string,
  alsoKept: readonly { readonly sha256: string }[],
): Promise<void> {
  const images = await listImages(cacheDirectory);
  const manifests = await Promise.all(images.map(({ path }) => readManifest(path).catch(() => undefined)));
  const used = manifests.flatMap((manifest) => (manifest?.kind === 'built' ? manifest.packages : []));
  await prunePackages(packageFolder, new Set([...alsoKept, ...used].map(({ sha256 }) => sha256)));
}
