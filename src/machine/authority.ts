import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Authority, AuthorityOptions } from '../certs/authority.ts';
import { type AuthorityPaths, authorityPaths } from '../certs/authority-paths.ts';
import type { MachineContext } from './context.ts';

/** Where this store's authority and client pair are, the user's own files included. */
export function authorityPathsOf({ store, globals, cwd }: MachineContext): AuthorityPaths {
  const absolute = (path: string): string => (path === '' || isAbsolute(path) ? path : join(cwd, path));
  return authorityPaths(store.layout.certs.directory, {
    caCert: absolute(globals.tlsCaCert),
    caKey: absolute(globals.tlsCaKey),
    clientCert: absolute(globals.tlsClientCert),
    clientKey: absolute(globals.tlsClientKey),
  });
}

/** The authority and client pair of this store, made where they are missing. */
export async function openAuthority(context: MachineContext): Promise<Authority> {
  const { loadOrCreateAuthority } = await import('../certs/authority.ts');
  return await loadOrCreateAuthority(authorityPathsOf(context), authorityOptions(context));
}

/** Closes private keys that others could read, and says so. */
export async function closeKeys(
  keys: readonly string[],
  context: Pick<MachineContext, 'platform' | 'emit'>,
): Promise<void> {
  const { closeKey } = await import('../certs/key-modes.ts');
  for (const key of keys) {
    const mode = await closeKey(key, context.platform);
    if (mode === undefined) continue;
    const text = `Others could use the private key ${key} (mode ${mode}); it is closed to them now`;
    context.emit({ type: 'notice', level: 'warning', text });
  }
}

/** Whose certificates these are, as of now. */
export function authorityOptions(context: MachineContext): AuthorityOptions {
  return { user: userName(context), now: new Date(), signal: context.signal, platform: context.platform };
}

/** The name docker-machine puts into certificates. */
export function userName({ env }: MachineContext): string {
  return env['USER'] || env['USERNAME'] || userInfo().username || 'unknown';
}
