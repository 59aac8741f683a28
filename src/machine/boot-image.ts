import { join } from 'node:path';
import type { BootImage } from '../driver/host.ts';
import type { Emit } from '../events/event.ts';
import type { MachineContext } from './context.ts';

/** Finds, fetches or builds the image a driver asks for. */
export async function findImageFor(
  source: string | undefined,
  { context, emit }: { readonly context: MachineContext; readonly emit: Emit },
): Promise<BootImage> {
  const { findBootImage } = await import('../image/source.ts');
  return await findBootImage(source, {
    cacheDirectory: context.store.layout.cache,
    settingsFile: settingsFileOf(context),
    env: context.env,
    platform: context.platform,
    cwd: context.cwd,
    signal: context.signal,
    emit,
  });
}

/** The store's own settings; see the README. */
export function settingsFileOf({ store }: MachineContext): string {
  return join(store.layout.directory, 'tmachine.json');
}
