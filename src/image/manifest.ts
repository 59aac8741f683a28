import { stat } from 'node:fs/promises';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { readTextIfExists } from '../host/files.ts';
import { digestFile } from './digest-file.ts';

/** A package that went into an image. */
interface ManifestPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** Of the package file, in bytes. */
  readonly size: number;
}

/** What an image must be, byte for byte. */
interface Fingerprint {
  readonly size: number;
  readonly sha256: string;
}

/** What lies beside an image that we built: where it comes from and what it must be. */
export interface ImageManifest {
  readonly formatVersion: 1;
  readonly kind: 'built';
  readonly suite: string;
  /** Time stamp of the files in the image: that of the newest file of its packages. ISO 8601, UTC. */
  readonly date: string;
  readonly engineVersion: string;
  readonly kernelVersion: string;
  readonly iso: Fingerprint;
  readonly packages: readonly ManifestPackage[];
  /** SHA-256 of the builder: the guest's own files and the code that lays out the image. */
  readonly builder: string;
}

/** What lies beside an image that was downloaded. */
export interface DownloadManifest {
  readonly formatVersion: 1;
  readonly kind: 'downloaded';
  readonly url: string;
  readonly iso: Fingerprint;
}

/** The manifest's path for an image: its own with `.json` for `.iso`. */
export function manifestPath(imagePath: string): string {
  return `${imagePath.replace(/\.iso$/i, '')}.json`;
}

/** A manifest as text. */
export function formatManifest(manifest: ImageManifest | DownloadManifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** The manifest beside an image, or nothing when there is none. @throws TmachineError `MANIFEST_INVALID`. */
export async function readManifest(imagePath: string): Promise<ImageManifest | DownloadManifest | undefined> {
  const path = manifestPath(imagePath);
  const text = await readTextIfExists(path);
  return text === undefined ? undefined : parseManifest(text, path);
}

/** Reads a manifest; `path` names it in errors. @throws TmachineError `MANIFEST_INVALID`. */
function parseManifest(text: string, path: string): ImageManifest | DownloadManifest {
  const manifest = parseJson(text) as Partial<ImageManifest | DownloadManifest> | undefined | null;
  if (typeof manifest?.formatVersion === 'number' && manifest.formatVersion > 1)
    throw invalid(path, `it is of format version ${manifest.formatVersion}, this tmachine knows 1`);
  const iso = manifest?.iso;
  const known = manifest?.kind === 'built' || manifest?.kind === 'downloaded';
  if (!known || typeof iso?.size !== 'number' || !/^[0-9a-f]{64}$/.test(iso.sha256))
    throw invalid(path, 'it is damaged or no manifest of an image');
  return manifest as ImageManifest | DownloadManifest;
}

/**
 * Compares an image with the manifest beside it.
 *
 * @throws TmachineError `IMAGE_MISSING`, `IMAGE_NO_MANIFEST`, `MANIFEST_INVALID`, or `IMAGE_CORRUPT` when the bytes
 * are not those of the manifest.
 */
export async function verifyImage(path: string, signal: AbortSignal): Promise<ImageManifest | DownloadManifest> {
  const size = await sizeOf(path);
  const manifest = await readManifest(path);
  if (manifest === undefined) throw noManifest(path);
  if (size !== manifest.iso.size) throw corruptImage(path, `it has ${size} bytes, not ${manifest.iso.size}`);
  const sha256 = await digestFile(path, signal);
  if (sha256 !== manifest.iso.sha256) throw corruptImage(path, `its SHA-256 is ${sha256}, not ${manifest.iso.sha256}`);
  return manifest;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    if (!isSystemError(cause, 'ENOENT')) throw cause;
    throw new TmachineError(`Cannot find the image "${path}"`, {
      code: 'IMAGE_MISSING',
      hint: 'tmachine image ls shows the images there are',
      cause,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The refusal of an image whose bytes are not what they should be. */
export function corruptImage(path: string, reason: string): TmachineError {
  return new TmachineError(`The boot image "${path}" is corrupt: ${reason}`, {
    code: 'IMAGE_CORRUPT',
    hint: `remove it with: tmachine image rm ${path}; then build it anew with: tmachine image build`,
  });
}

function noManifest(path: string): TmachineError {
  return new TmachineError(`Cannot verify the image "${path}": no manifest "${manifestPath(path)}" lies beside it`, {
    code: 'IMAGE_NO_MANIFEST',
  });
}

function invalid(path: string, reason: string): TmachineError {
  return new TmachineError(`Cannot read the manifest "${path}": ${reason}`, {
    code: 'MANIFEST_INVALID',
    hint: 'build the image anew with: tmachine image build',
  });
}
