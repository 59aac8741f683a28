import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TmachineError } from '../errors/tmachine-error.ts';
import { type ImageManifest, verifyImage } from './manifest.ts';

/** The inputs of an image, and where it would be. */
export interface ImageInputs {
  readonly suite: string;
  readonly cacheDirectory: string;
  readonly output?: string | undefined;
  readonly packages: readonly { readonly sha256: string }[];
  readonly builder: string;
  /** Digest of all inputs. */
  readonly inputs: string;
}

/** An image that was built from these inputs and still verifies. */
export async function findBuilt(
  wanted: ImageInputs,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly manifest: ImageManifest } | undefined> {
  for (const path of await candidatePaths(wanted)) {
    try {
      const manifest = await verifyImage(path, signal);
      if (manifest.kind === 'built' && hasInputs(manifest, wanted)) return { path, manifest };
    } catch (error) {
      // A damaged one is built anew.
      if (!(error instanceof TmachineError)) throw error;
    }
  }
  return undefined;
}

async function candidatePaths({ suite, cacheDirectory, output, inputs }: ImageInputs): Promise<readonly string[]> {
  if (output !== undefined) return [output];
  const names = await readdir(cacheDirectory);
  return names
    .filter((name) => name.startsWith(`tmachine-${suite}-`) && name.endsWith(`-${inputs.slice(0, 12)}.iso`))
    .map((name) => join(cacheDirectory, name));
}

function hasInputs(manifest: ImageManifest, { builder, packages }: ImageInputs): boolean {
  const digests = (of: readonly { readonly sha256: string }[]): string => of.map(({ sha256 }) => sha256).join();
  return manifest.builder === builder && digests(manifest.packages) === digests(packages);
}
