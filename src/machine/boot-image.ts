import { join } from 'node:path';
import type { BootImage } from '../driver/host.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { Emit } from '../events/event.ts';
import type { Mirror } from '../image/mirror.ts';
import type { BootImage as FoundImage, ImageContext } from '../image/source.ts';
import type { MachineContext } from './context.ts';

/** Finds, fetches or builds the image a driver asks for. */
export async function findImageFor(
  source: string | undefined,
  { context, emit }: { readonly context: MachineContext; readonly emit: Emit },
): Promise<BootImage> {
  const { findBootImage } = await import('../image/source.ts');
  return await findBootImage(source, imageContext(context, emit));
}

/**
 * The newest image there can be: as `findImageFor`, but built anew where a mirror has newer packages, of the same suite as the
 * newest image of our own. A mirror that cannot be reached is warned of, and what is here is taken.
 */
export async function findNewestImageFor(
  source: string | undefined,
  { context, emit }: { readonly context: MachineContext; readonly emit: Emit },
): Promise<FoundImage> {
  const [{ findBootImage }, { buildImage }, { listImages }] = await Promise.all([
    import('../image/source.ts'),
    import('../image/build.ts'),
    import('../image/cache.ts'),
  ]);
  const find = imageContext(context, emit);
  const own = (await listImages(find.cacheDirectory)).find(({ kind }) => kind === 'tmachine');
  const mirror = own?.suite === undefined || source !== undefined ? undefined : await findMirrorIfAny(find);
  if (own?.suite === undefined || mirror === undefined) return await findBootImage(source, find);
  try {
    const { path, manifest } = await buildImage({ ...find, mirror, suite: own.suite }, find);
    return { path, manifest, takesSeed: true };
  } catch (error) {
    if (!(error instanceof TmachineError) || error.code !== 'DOWNLOAD_FAILED') throw error;
    const text = `Cannot ask the mirror for newer packages, so the newest image here is taken: ${error.message}`;
    emit({ type: 'notice', level: 'warning', text });
    return await findBootImage(undefined, find);
  }
}

async function findMirrorIfAny(find: ImageContext): Promise<Mirror | undefined> {
  const { findMirror } = await import('../image/mirror.ts');
  return await findMirror(find).catch((error: unknown) => {
    if (error instanceof TmachineError && error.code === 'NO_MIRROR') return undefined;
    throw error;
  });
}

function imageContext(context: MachineContext, emit: Emit): ImageContext {
  const { store, env, platform, cwd, signal } = context;
  const settingsFile = settingsFileOf(context);
  return { cacheDirectory: store.layout.cache, settingsFile, env, platform, cwd, signal, emit };
}

/** The store's own settings; see the README. */
export function settingsFileOf({ store }: MachineContext): string {
  return join(store.layout.directory, 'tmachine.json');
}
