import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { type Emit, step } from '../events/event.ts';
import { writeFileAtomic } from '../host/files.ts';
import { type ByteSink, fileSink } from './byte-sink.ts';
import { formatCpio } from './cpio.ts';
import type { DebianPackage } from './debian/packages-index.ts';
import { digestFile } from './digest-file.ts';
import { mediumPaths, volumeName } from './guest/boot-loader.ts';
import type { IsoFile } from './iso9660/iso-file.ts';
import { writeIso } from './iso9660/write-iso.ts';
import { formatManifest, type ImageManifest, manifestPath } from './manifest.ts';
import type { GuestImage } from './rootfs.ts';
import { openCompressionPool } from './squashfs/compression-pool.ts';
import { writeSquashfs } from './squashfs/write-squashfs.ts';

/** zstd's level; higher ones save little of two megabytes. */
const initramfsLevel = 15;

/** All that goes into an image, and where it goes. */
export interface ImageParts {
  readonly suite: string;
  readonly guest: GuestImage;
  readonly packages: readonly DebianPackage[];
  /** Digests of the builder, and of all inputs. */
  readonly builder: string;
  readonly inputs: string;
  /** Time of everything in the image, in milliseconds since the epoch. */
  readonly newestMs: number;
  readonly cacheDirectory: string;
  readonly output?: string | undefined;
}

/** What writing needs of its surroundings. */
export interface WriteContext {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly workers?: number | undefined;
}

/**
 * Writes an image and its manifest: both appear complete or not at all.
 *
 * @throws TmachineError `DISK_FULL`.
 */
export async function writeImage(
  parts: ImageParts,
  context: WriteContext,
): Promise<{ readonly path: string; readonly manifest: ImageManifest }> {
  const path = imagePath(parts);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    return await step(context.emit, 'image.write', 'Writing the boot image', async () => {
      await writeMedium(parts, temporary, context);
      const manifest = await describe(parts, temporary, context.signal);
      // The manifest goes first, so that an image is never seen without one.
      await writeFileAtomic(manifestPath(path), formatManifest(manifest), 0o644);
      await rename(temporary, path);
      return { path, manifest };
    });
  } catch (cause) {
    if (!isSystemError(cause, 'ENOSPC')) throw cause;
    throw new TmachineError(`Cannot write "${path}": the disk is full`, {
      code: 'DISK_FULL',
      hint: `make room in "${dirname(path)}", then run the same command again`,
      cause,
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

function imagePath({ suite, guest, inputs, cacheDirectory, output }: ImageParts): string {
  if (output !== undefined) return output;
  return join(cacheDirectory, `tmachine-${suite}-${guest.engineVersion}-${inputs.slice(0, 12)}.iso`);
}

async function writeMedium(parts: ImageParts, path: string, context: WriteContext): Promise<void> {
  const mtimeSeconds = Math.floor(parts.newestMs / 1000);
  const file = await open(path, 'wx', 0o644);
  try {
    await writeIso(await listFiles(parts.guest, mtimeSeconds, context), fileSink(file), {
      volumeId: volumeName,
      mtimeSeconds,
      bootImage: mediumPaths.bootLoader,
      signal: context.signal,
    });
    await file.sync();
  } finally {
    await file.close();
  }
}

async function listFiles(guest: GuestImage, mtimeSeconds: number, context: WriteContext): Promise<readonly IsoFile[]> {
  const initramfs = await compress(formatCpio(guest.initramfs, { mtimeSeconds }));
  const onProgress = (done: number, total: number): void =>
    context.emit({ type: 'step.progress', step: 'image.write', done, total, unit: 'bytes' });
  const root = (sink: ByteSink): Promise<{ readonly bytes: number }> =>
    writeSquashfs(guest.root, sink, { ...context, mtimeSeconds, onProgress });
  const bootLoader = guest.bootLoader.flatMap((entry) =>
    entry.type === 'file' ? [{ path: entry.path, source: { content: entry.content } }] : [],
  );
  return [
    ...bootLoader,
    { path: mediumPaths.kernel, source: { content: guest.kernel } },
    { path: mediumPaths.initramfs, source: { content: initramfs } },
    { path: mediumPaths.root, source: { write: root } },
  ];
}

/** zstd in WebAssembly gives the same bytes on every computer, which Node's own zlib does not. */
async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  await using pool = openCompressionPool({ level: initramfsLevel, blockSize: bytes.length, workers: 1 });
  return await pool.compress(bytes);
}

async function describe(parts: ImageParts, path: string, signal: AbortSignal): Promise<ImageManifest> {
  const { size } = await stat(path);
  return {
    formatVersion: 1,
    kind: 'built',
    suite: parts.suite,
    date: new Date(parts.newestMs).toISOString(),
    engineVersion: parts.guest.engineVersion,
    kernelVersion: parts.guest.kernelVersion,
    iso: { size, sha256: await digestFile(path, signal) },
    packages: parts.packages.map(({ name, version, sha256, size: bytes }) => ({ name, version, sha256, size: bytes })),
    builder: parts.builder,
  };
}
