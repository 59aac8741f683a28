import { TmachineError } from '../../errors/tmachine-error.ts';
import type { TreeEntry } from '../tree.ts';
import { type UnpackOptions, unpackDeb } from './archive.ts';
import { packagePath } from './package-store.ts';
import type { DebianPackage } from './packages-index.ts';

/** A package with its files. */
interface PackageFiles {
  readonly name: string;
  readonly version: string;
  readonly entries: readonly TreeEntry[];
}

/** All packages' files, in the order asked for, and the latest modification time in milliseconds since the epoch. */
export interface UnpackedPackages {
  readonly packages: readonly PackageFiles[];
  readonly newestMs: number;
}

/** How to unpack. `onPackage` is told each time one is done. */
export interface UnpackAllOptions extends UnpackOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onPackage: (done: DebianPackage) => void;
}

/**
 * Unpacks downloaded packages, several at once, the biggest first.
 *
 * @throws TmachineError `BAD_PACKAGE` naming the file that is not what it should be.
 */
export async function unpackPackages(
  packages: readonly DebianPackage[],
  options: UnpackAllOptions,
): Promise<UnpackedPackages> {
  const unpacked = new Map<DebianPackage, readonly TreeEntry[]>();
  const queue = [...packages].sort((a, b) => b.size - a.size).values();
  let newestMs = 0;
  const work = async (): Promise<void> => {
    for (const each of queue) {
      options.signal.throwIfAborted();
      const found = await unpackOne(each, options);
      unpacked.set(each, found.entries);
      newestMs = Math.max(newestMs, found.newestMs);
      options.onPackage(each);
    }
  };
  await Promise.all(Array.from({ length: options.decompressor.capacity }, work));
  return {
    packages: packages.map((each) => ({
      name: each.name,
      version: each.version,
      entries: unpacked.get(each) ?? [],
    })),
    newestMs,
  };
}

async function unpackOne(each: DebianPackage, options: UnpackAllOptions): ReturnType<typeof unpackDeb> {
  const path = packagePath(options.folder, each);
  try {
    return await unpackDeb(path, options);
  } catch (cause) {
    options.signal.throwIfAborted();
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new TmachineError(`Cannot unpack ${each.filename}: ${cause.message}`, { code: 'BAD_PACKAGE', cause });
  }
}
