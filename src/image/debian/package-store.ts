import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TmachineError } from '../../errors/tmachine-error.ts';
import { type DownloadContext, downloadAll } from '../../host/download.ts';
import { isIntact } from './fetch-index.ts';
import type { DebianPackage } from './packages-index.ts';

/** Transfers under way at once; mirrors ask clients for modesty. */
const parallel = 4;

/** Where a package lies, or will, in the folder of downloaded ones. */
export function packagePath(folder: string, { sha256 }: Pick<DebianPackage, 'sha256'>): string {
  return join(folder, `${sha256}.deb`);
}

/** The packages that are not in the folder yet. Those that are get checked; damaged ones are removed. */
export async function findMissingPackages(
  packages: readonly DebianPackage[],
  folder: string,
  signal: AbortSignal,
): Promise<readonly DebianPackage[]> {
  await mkdir(folder, { recursive: true });
  const missing: DebianPackage[] = [];
  for (const each of packages) if (!(await isIntact(packagePath(folder, each), each, signal))) missing.push(each);
  return missing;
}

/**
 * Downloads packages into the folder, each verified by its digest.
 *
 * @throws TmachineError as `download` does.
 */
export async function downloadPackages(
  packages: readonly DebianPackage[],
  place: { readonly mirrorUri: string; readonly folder: string },
  context: DownloadContext,
): Promise<void> {
  const requests = packages.map((each) => ({
    url: `${place.mirrorUri}/${each.filename.split('/').map(encodeURIComponent).join('/')}`,
    path: packagePath(place.folder, each),
    sha256: each.sha256,
    size: each.size,
  }));
  try {
    await downloadAll(requests, { ...context, parallel });
  } catch (error) {
    if (error instanceof TmachineError && error.code === 'NOT_FOUND')
      throw new TmachineError(error.message, {
        code: 'NOT_FOUND',
        hint: 'the mirror has changed meanwhile or is not complete: try again, or name another with --mirror URL',
        cause: error,
      });
    throw error;
  }
}

/** Removes downloaded packages and broken transfers, except packages of these digests. */
export async function prunePackages(folder: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, digest, ending] = /^([0-9a-f]{64})\.(deb|part)$/.exec(name) ?? [];
    if (digest !== undefined && (ending === 'part' || !kept.has(digest))) await rm(join(folder, name), { force: true });
  }
}
