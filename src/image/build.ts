import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TmachineError } from '../errors/tmachine-error.ts';
import { type Emit, step } from '../events/event.ts';
import type { DownloadContext } from '../host/download.ts';
import { readTextIfExists } from '../host/files.ts';
import { requireFreeSpace } from '../host/free-space.ts';
import { withLock } from '../host/lock.ts';
import { digestBuilder } from './builder-digest.ts';
import { resolveClosure } from './debian/closure.ts';
import { type Decompressor, decompressWhole, openDecompressor } from './debian/decompress.ts';
import { fetchPackagesIndex } from './debian/fetch-index.ts';
import { downloadPackages, findMissingPackages } from './debian/package-store.ts';
import type { DebianPackage } from './debian/packages-index.ts';
import { unpackPackages } from './debian/unpack-packages.ts';
import { findBuilt } from './find-built.ts';
import { readGuestFiles } from './guest/guest-files.ts';
import { assumedPackages, bootLoaderPackages, guestPackages } from './guest/packages.ts';
import type { ImageManifest } from './manifest.ts';
import type { Mirror } from './mirror.ts';
import { type GuestImage, planRootfs } from './rootfs.ts';
import { removeUnfinished, removeUnusedPackages } from './tidy-cache.ts';
import { isWantedPath, placeKernel } from './wanted-files.ts';
import { writeImage } from './write-image.ts';

/** Which image to build. */
export interface BuildRequest {
  /** Debian suite or code name. */
  readonly suite: string;
  readonly mirror: Mirror;
  /** The store's `cache` folder. Packages go to its `debian` folder, and the image into it unless `output` says otherwise. */
  readonly cacheDirectory: string;
  /** Absolute path. */
  readonly output?: string | undefined;
}

/** What a build needs of its surroundings. */
export interface BuildContext extends Omit<DownloadContext, 'onBytes' | 'onLength'> {
  readonly emit: Emit;
  readonly platform: NodeJS.Platform;
  /** The present, for the archive's `Valid-Until`; this computer's clock when missing. Nothing of it gets into the image. */
  readonly now?: Date | undefined;
  /** Keys that stand for Debian's archive keys. */
  readonly trustedKeys?: readonly string[] | undefined;
  /** Number of threads; the bytes do not depend on it. */
  readonly workers?: number | undefined;
}

/** An image that is complete and verified. */
export interface BuiltImage {
  readonly path: string;
  readonly manifest: ImageManifest;
  /** True when an image of the same inputs was there already. */
  readonly reused: boolean;
}

/**
 * Builds a boot image from Debian packages. The same packages and builder give the same bytes; where they gave an image
 * before, that is verified and returned. A failure leaves nothing behind but downloaded packages.
 *
 * @throws TmachineError `BAD_SUITE`, and whatever the steps throw, `DISK_FULL` among it.
 */
export async function buildImage(request: BuildRequest, context: BuildContext): Promise<BuiltImage> {
  checkSuite(request.suite);
  await mkdir(request.cacheDirectory, { recursive: true, mode: 0o700 });
  if (request.output !== undefined) await mkdir(dirname(request.output), { recursive: true });
  const lock = { what: 'the image cache', timeoutMs: 30 * 60_000, signal: context.signal, platform: context.platform };
  const lockFile = join(request.cacheDirectory, 'image-build.lock');
  if ((await readTextIfExists(lockFile)) !== undefined)
    context.emit({ type: 'notice', level: 'info', text: 'Waiting for another tmachine that builds an image' });
  return await withLock(lockFile, lock, async () => {
    await removeUnfinished(request.cacheDirectory);
    const plan = await withDecompressor(context, (tools) => planBuild(request, tools));
    const known = await findBuilt({ ...request, ...plan }, context.signal);
    if (known !== undefined) return { ...known, reused: true };
    await fetchPackages(request, plan, context);
    const assembled = await withDecompressor(context, (tools) => assemble(request, plan, tools));
    const built = await writeImage({ ...request, ...plan, ...assembled }, context);
    await removeUnusedPackages(request.cacheDirectory, packageFolder(request), plan.packages);
    return { ...built, reused: false };
  });
}

/** It becomes a part of addresses and file names. */
function checkSuite(suite: string): void {
  if (/^[a-z][a-z0-9-]*$/.test(suite)) return;
  throw new TmachineError(`Cannot build from the suite "${suite}": this is no name of a Debian suite`, {
    code: 'BAD_SUITE',
    hint: 'name one such as trixie or sid',
  });
}

/** Everything that decides about the bytes of an image. */
interface BuildPlan {
  readonly packages: readonly DebianPackage[];
  readonly builder: string;
  /** Digest of all inputs. */
  readonly inputs: string;
}

/** The threads hold much memory, so they end with the step that needs them, or when it is aborted. */
async function withDecompressor<T>(context: BuildContext, work: (tools: Tools) => Promise<T>): Promise<T> {
  await using decompressor = openDecompressor({ workers: context.workers, signal: context.signal });
  return await work({ ...context, decompressor });
}

interface Tools extends BuildContext {
  readonly decompressor: Decompressor;
}

async function planBuild(request: BuildRequest, tools: Tools): Promise<BuildPlan> {
  return await step(tools.emit, 'image.index', `Reading the package index of ${request.suite}`, async () => {
    const folder = packageFolder(request);
    const onExpired = (validUntil: Date): void =>
      tools.emit({
        type: 'notice',
        level: 'warning',
        text: `The Debian mirror is out of date: its index expired on ${validUntil.toISOString().slice(0, 10)}`,
      });
    const onBytes = countBytes(tools.emit, 'image.index', undefined);
    const index = await fetchPackagesIndex(
      { ...request, folder },
      { ...tools, now: tools.now ?? new Date(), onExpired, onBytes },
    );
    const roots = [...guestPackages, ...bootLoaderPackages];
    const packages = resolveClosure(index, { roots, assumed: assumedPackages });
    const builder = await digestBuilder();
    const inputs = createHash('sha256').update(JSON.stringify([builder, packages.map(({ sha256 }) => sha256)]));
    return { packages, builder, inputs: inputs.digest('hex') };
  });
}

async function fetchPackages(request: BuildRequest, plan: BuildPlan, context: BuildContext): Promise<void> {
  const folder = packageFolder(request);
  const missing = await findMissingPackages(plan.packages, folder, context.signal);
  const total = sizeOf(missing);
  // An image is smaller than the packages it is made of.
  await requireFreeSpace(request.cacheDirectory, total + (request.output === undefined ? sizeOf(plan.packages) : 0));
  if (request.output !== undefined) await requireFreeSpace(dirname(request.output), sizeOf(plan.packages));
  if (missing.length === 0) return;
  await step(context.emit, 'image.download', `Downloading ${missing.length} packages`, async () => {
    const onBytes = countBytes(context.emit, 'image.download', total);
    await downloadPackages(missing, { mirrorUri: request.mirror.uri, folder }, { ...context, onBytes });
  });
}

async function assemble(
  request: BuildRequest,
  plan: BuildPlan,
  tools: Tools,
): Promise<{ readonly guest: GuestImage; readonly newestMs: number }> {
  return await step(tools.emit, 'image.unpack', 'Unpacking the packages', async () => {
    const onBytes = countBytes(tools.emit, 'image.unpack', sizeOf(plan.packages));
    const { packages, newestMs } = await unpackPackages(plan.packages, {
      ...tools,
      folder: packageFolder(request),
      keep: isWantedPath,
      onPackage: ({ size }) => onBytes(size),
    });
    const trees = packages.map((each) => ({ ...each, entries: each.entries.map(placeKernel) }));
    const files = await readGuestFiles();
    const decompressXz = (bytes: Uint8Array): Promise<Uint8Array> =>
      decompressWhole(tools.decompressor, { bytes }, '.xz');
    return { guest: await planRootfs(trees, { files, decompressXz }), newestMs };
  });
}

function packageFolder({ cacheDirectory }: BuildRequest): string {
  return join(cacheDirectory, 'debian');
}

function sizeOf(packages: readonly DebianPackage[]): number {
  return packages.reduce((sum, { size }) => sum + size, 0);
}

function countBytes(emit: Emit, name: string, total: number | undefined): (count: number) => void {
  let done = 0;
  return (count) => {
    done += count;
    emit({ type: 'step.progress', step: name, done, total, unit: 'bytes' });
  };
}
