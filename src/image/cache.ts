import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { readTextIfExists } from '../host/files.ts';
import { volumeName } from './guest/boot-loader.ts';
import { readIsoHeader } from './iso-header.ts';
import { type ImageManifest, manifestPath, readManifest } from './manifest.ts';

/** An image on this computer, as `image ls` shows it. */
export interface ListedImage {
  readonly path: string;
  /** `boot2docker` also for its successors of the same make. */
  readonly kind: 'tmachine' | 'boot2docker';
  readonly suite: string | undefined;
  readonly engineVersion: string | undefined;
  readonly kernelVersion: string | undefined;
  /** Bytes. */
  readonly size: number;
  readonly builtAt: Date;
}

/** The images of the cache, the newest first. A damaged manifest leaves the versions out, not the image. */
export async function listImages(cacheDirectory: string): Promise<readonly ListedImage[]> {
  const names = await listNames(cacheDirectory);
  const images = await Promise.all(
    names.filter((name) => /\.iso$/i.test(name)).map((name) => describeImage(join(cacheDirectory, name))),
  );
  return images.flatMap((image) => image ?? []).sort((a, b) => b.builtAt.getTime() - a.builtAt.getTime());
}

/**
 * Removes an image, by its name in the cache or by its path, with its manifest; returns the path.
 *
 * @throws TmachineError `IMAGE_MISSING`, or `NOT_AN_IMAGE` for a file of another name without a manifest.
 */
export async function removeImage(image: string, cacheDirectory: string): Promise<string> {
  const path = basename(image) === image ? join(cacheDirectory, image) : image;
  if (!/\.iso$/i.test(path) && (await readTextIfExists(manifestPath(path))) === undefined)
    throw new TmachineError(`Cannot remove "${image}": it is no image of tmachine`, { code: 'NOT_AN_IMAGE' });
  try {
    await rm(path);
  } catch (cause) {
    if (!isSystemError(cause, 'ENOENT')) throw cause;
    throw new TmachineError(`Cannot remove the image "${image}": it does not exist`, {
      code: 'IMAGE_MISSING',
      hint: 'tmachine image ls shows the images there are',
      cause,
    });
  }
  await rm(manifestPath(path), { force: true });
  return path;
}

/** Whether an image of this volume name reads the whole seed, certificates included. */
export function takesWholeSeed(name: string | undefined): boolean {
  return name === volumeName;
}

async function describeImage(path: string): Promise<ListedImage | undefined> {
  const [header, { size, mtime }] = await Promise.all([readIsoHeader(path), stat(path)]);
  const volume = header?.volumeName;
  const manifest = await readBuiltManifest(path);
  if (manifest === undefined && !takesWholeSeed(volume) && !isBoot2docker(path, volume)) return undefined;
  return {
    path,
    kind: manifest !== undefined || takesWholeSeed(volume) ? 'tmachine' : 'boot2docker',
    suite: manifest?.suite,
    engineVersion: manifest?.engineVersion ?? /-v(\d\S*)/.exec(volume ?? '')?.[1],
    kernelVersion: manifest?.kernelVersion,
    size,
    builtAt: mtime,
  };
}

function isBoot2docker(path: string, volume: string | undefined): boolean {
  return /boot2docker/i.test(basename(path)) || /^(?:b2d-v|boot2docker)/i.test(volume ?? '');
}

async function readBuiltManifest(path: string): Promise<ImageManifest | undefined> {
  try {
    const manifest = await readManifest(path);
    return manifest?.kind === 'built' ? manifest : undefined;
  } catch (error) {
    if (error instanceof TmachineError) return undefined;
    throw error;
  }
}

async function listNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
