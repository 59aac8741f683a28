import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TmachineError } from '../../errors/tmachine-error.ts';
import { type DownloadContext, download, fetchBytes } from '../../host/download.ts';
import { digestFile } from '../digest-file.ts';
import type { Mirror } from '../mirror.ts';
import { readArchiveKeys } from './archive-keys.ts';
import { type Compression, type Decompressor, decompressWhole } from './decompress.ts';
import { type PackagesIndex, parsePackagesIndex } from './packages-index.ts';
import { type IndexFile, type Release, verifyInRelease } from './release.ts';

/** Which index to fetch. `folder` keeps it for the next time. */
export interface IndexRequest {
  readonly mirror: Mirror;
  readonly suite: string;
  readonly folder: string;
}

/** How to fetch it. `trustedKeys` stand for Debian's archive keys when given. */
export interface IndexContext extends DownloadContext {
  readonly decompressor: Decompressor;
  readonly now: Date;
  readonly trustedKeys?: readonly string[] | undefined;
  readonly onExpired?: ((validUntil: Date) => void) | undefined;
}

const architecture = 'amd64';
const releaseLimit = 4 * 1024 * 1024;

/**
 * Fetches the package index of a suite's main component. The signature vouches for `InRelease`, and that for the index.
 *
 * @throws TmachineError as `verifyInRelease` and `download` do.
 */
export async function fetchPackagesIndex(request: IndexRequest, context: IndexContext): Promise<PackagesIndex> {
  const base = `${request.mirror.uri}/dists/${request.suite}`;
  const url = `${base}/InRelease`;
  const text = Buffer.from(await fetchBytes(url, releaseLimit, context)).toString('utf8');
  const release = await verifyInRelease(text, {
    url,
    suite: request.suite,
    trustedKeys: context.trustedKeys ?? (await readArchiveKeys()),
    now: context.now,
    checkValidUntil: request.mirror.checkValidUntil,
    onExpired: context.onExpired,
  });
  const chosen = chooseIndex(release, url);
  const path = join(request.folder, `index-${chosen.file.sha256}${chosen.compression}`);
  if (!(await isIntact(path, chosen.file, context.signal))) {
    await downloadIndex({ base, path, ...chosen, byHash: release.byHash }, context);
    await removeOtherIndices(request.folder, path);
  }
  return parsePackagesIndex(await decompressWhole(context.decompressor, { path }, chosen.compression));
}

interface ChosenIndex {
  readonly name: string;
  readonly file: IndexFile;
  readonly compression: Compression;
}

function chooseIndex(release: Release, url: string): ChosenIndex {
  for (const compression of ['.xz', '.gz', ''] as const) {
    const name = `main/binary-${architecture}/Packages${compression}`;
    const file = release.files.get(name);
    if (file !== undefined) return { name, file, compression };
  }
  throw new TmachineError(`Cannot use ${url}: it lists no packages for ${architecture}`, {
    code: 'WRONG_SUITE',
    hint: 'name another Debian mirror with --mirror URL',
  });
}

interface IndexDownload extends ChosenIndex {
  readonly base: string;
  readonly path: string;
  readonly byHash: boolean;
}

/** The address by digest stays good while the mirror changes to a newer index; not every copy of an archive has it. */
async function downloadIndex(index: IndexDownload, context: IndexContext): Promise<void> {
  const { base, name, path, file } = index;
  const wanted = { path, sha256: file.sha256, size: file.size };
  const folder = `${base}/${name.slice(0, name.lastIndexOf('/'))}`;
  if (index.byHash) {
    try {
      return await download({ ...wanted, url: `${folder}/by-hash/SHA256/${file.sha256}` }, context);
    } catch (error) {
      if (!(error instanceof TmachineError && error.code === 'NOT_FOUND')) throw error;
    }
  }
  await download({ ...wanted, url: `${base}/${name}` }, context);
}

/** Whether a file is there and has the right digest; one that has not is removed. */
export async function isIntact(path: string, expected: IndexFile, signal: AbortSignal): Promise<boolean> {
  try {
    if ((await digestFile(path, signal)) === expected.sha256) return true;
    await rm(path, { force: true });
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return false;
}

async function removeOtherIndices(folder: string, kept: string): Promise<void> {
  const others = (await readdir(folder)).map((name) => join(folder, name)).filter((path) => path !== kept);
  await Promise.all(others.filter((path) => /index-[0-9a-f]{64}/.test(path)).map((path) => rm(path, { force: true })));
}
