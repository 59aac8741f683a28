import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { step } from '../events/event.ts';
import { download } from '../host/download.ts';
import { readTextIfExists, writeFileAtomic } from '../host/files.ts';
import { withLock } from '../host/lock.ts';
import { type BuildContext, buildImage } from './build.ts';
import { listImages, takesWholeSeed } from './cache.ts';
import { digestFile } from './digest-file.ts';
import { findReleaseImage, parseReleaseSource } from './github-release.ts';
import { type IsoHeader, readIsoHeader } from './iso-header.ts';
import { corruptImage, formatManifest, type ImageManifest, manifestPath, verifyImage } from './manifest.ts';
import { findMirror, type Mirror } from './mirror.ts';

/** An image a machine can start from. */
export interface BootImage {
  readonly path: string;
  /** Whether the guest reads the whole seed, certificates included; boot2docker reads its first 4096 bytes. */
  readonly takesSeed: boolean;
  /** Only of images that we built. */
  readonly manifest: ImageManifest | undefined;
}

/** Where images are, and what a download or a build needs. */
export interface ImageContext extends BuildContext {
  /** The store's `cache` folder. */
  readonly cacheDirectory: string;
  /** The store's `tmachine.json`; see `findMirror`. */
  readonly settingsFile: string;
  /** apt's configuration; `/etc/apt` when missing. */
  readonly aptFolder?: string | undefined;
  /** What a relative path is relative to. */
  readonly cwd: string;
}

const defaultSuite = 'trixie';
const boot2dockerBase = 'https://github.com/boot2docker/boot2docker/releases/download';
const boot2dockerVersion = 'v19.03.12';

/**
 * The image to create a machine from. `source` is a URL, downloaded once, a repository of GitHub's with releases, or a path,
 * used in place. Without one it is
 * the newest image of our own in the cache; where there is none, one is built; and where no mirror is known to build
 * from, it is boot2docker's last release.
 *
 * @throws TmachineError `IMAGE_MISSING`, `IMAGE_CORRUPT` naming the file, or whatever a download or a build throws.
 */
export async function findBootImage(source: string | undefined, context: ImageContext): Promise<BootImage> {
  if (source === undefined || source === '') return await findOwnImage(context);
  const releases = parseReleaseSource(source);
  if (releases !== undefined) return await findDownload(await findReleaseImage(releases, context), context);
  if (/^https?:/i.test(source)) return await findDownload(source, context);
  return await openImage(/^file:/i.test(source) ? fileURLToPath(source) : resolve(context.cwd, source), context.signal);
}

async function findOwnImage(context: ImageContext): Promise<BootImage> {
  const images = await listImages(context.cacheDirectory);
  const newest = images.find(({ path }) => basename(path).startsWith('tmachine-'));
  if (newest !== undefined) return await openOwnImage(newest.path, context.signal);
  const mirror = await findMirrorIfAny(context);
  if (mirror !== undefined) {
    const { path, manifest } = await buildImage({ ...context, mirror, suite: defaultSuite }, context);
    return { path, manifest, takesSeed: true };
  }
  context.emit({
    type: 'notice',
    level: 'warning',
    text: `No Debian mirror is known to build an image from: using boot2docker ${boot2dockerVersion}, whose Docker Engine 19.03 is from 2020 and gets no security fixes (name a mirror with: tmachine image build --mirror URL)`,
  });
  const known = images.find(({ kind }) => kind === 'boot2docker');
  if (known !== undefined) return await openImage(known.path, context.signal);
  return await findBoot2docker(context);
}

async function findMirrorIfAny(context: ImageContext): Promise<Mirror | undefined> {
  try {
    return await findMirror(context);
  } catch (error) {
    if (error instanceof TmachineError && error.code === 'NO_MIRROR') return undefined;
    throw error;
  }
}

async function findBoot2docker(context: ImageContext): Promise<BootImage> {
  context.emit({
    type: 'notice',
    level: 'warning',
    text: 'tmachine knows no checksum of this image: that it is genuine rests on the connection to GitHub alone',
  });
  const base = context.env['TMACHINE_BOOT2DOCKER_BASE_URL'] || boot2dockerBase;
  const url = `${base.replace(/\/+$/, '')}/${boot2dockerVersion}/boot2docker.iso`;
  return await fetchImage(url, join(context.cacheDirectory, `boot2docker-${boot2dockerVersion}.iso`), context);
}

async function findDownload(url: string, context: ImageContext): Promise<BootImage> {
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 12);
  const name = basename(new URL(url).pathname).replace(/\.iso$/i, '') || 'image';
  return await fetchImage(url, join(context.cacheDirectory, `download-${digest}-${name}.iso`), context);
}

/** The image at a URL, from the cache when it was downloaded before. */
async function fetchImage(url: string, path: string, context: ImageContext): Promise<BootImage> {
  await mkdir(context.cacheDirectory, { recursive: true, mode: 0o700 });
  const lock = {
    what: `the image "${path}"`,
    timeoutMs: 30 * 60_000,
    signal: context.signal,
    platform: context.platform,
  };
  await withLock(`${path}.lock`, lock, async () => {
    if (!(await exists(path))) await downloadImage(url, path, context);
  });
  return await openImage(path, context.signal);
}

async function downloadImage(url: string, path: string, context: ImageContext): Promise<void> {
  const incoming = `${path}.new`;
  try {
    await step(context.emit, 'image.download', `Downloading ${url}`, async () => {
      let done = 0;
      let total: number | undefined;
      const onLength = (bytes: number): void => {
        total = bytes;
      };
      const onBytes = (count: number): void => {
        done += count;
        context.emit({ type: 'step.progress', step: 'image.download', done, total, unit: 'bytes' });
      };
      await download({ url, path: incoming }, { ...context, onBytes, onLength });
    });
    await requireIso(incoming, url);
    const { size } = await stat(incoming);
    const iso = { size, sha256: await digestFile(incoming, context.signal) };
    await writeFileAtomic(
      manifestPath(path),
      formatManifest({ formatVersion: 1, kind: 'downloaded', url, iso }),
      0o600,
    );
    await rename(incoming, path);
  } finally {
    await rm(incoming, { force: true });
  }
}

async function openOwnImage(path: string, signal: AbortSignal): Promise<BootImage> {
  const manifest = await verifyImage(path, signal);
  return { path, takesSeed: true, manifest: manifest.kind === 'built' ? manifest : undefined };
}

/** An image on the disk, after the checks that are possible: all its bytes with a manifest, its form without. */
async function openImage(path: string, signal: AbortSignal): Promise<BootImage> {
  const header = await requireIso(path, path);
  const hasManifest = (await readTextIfExists(manifestPath(path))) !== undefined;
  const manifest = hasManifest ? await verifyImage(path, signal) : undefined;
  return {
    path,
    takesSeed: manifest?.kind === 'built' || takesWholeSeed(header.volumeName),
    manifest: manifest?.kind === 'built' ? manifest : undefined,
  };
}

async function requireIso(path: string, name: string): Promise<IsoHeader> {
  const header = await readIsoHeader(path);
  if (header === undefined) throw corruptImage(name, 'it is no ISO 9660 image');
  const { size } = await stat(path);
  if (size < header.size) throw corruptImage(name, `it has ${size} of its ${header.size} bytes`);
  return header;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}
