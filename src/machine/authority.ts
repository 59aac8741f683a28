import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Authority, AuthorityOptions, AuthorityPaths } from '../certs/authority.ts';
import type { MachineContext } from './context.ts';

/** Where this store's authority and client pair are, the user's own files included. */
export async function authorityPathsOf({ store, globals, cwd }: MachineContext): Promise<AuthorityPaths> {
  const { authorityPaths } = await import('../certs/authority.ts');
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
  return await loadOrCreateAuthority(await authorityPathsOf(context), authorityOptions(context));
}

/** Whose certificates these are, as of now. */
export function authorityOptions(context: MachineContext): AuthorityOptions {
  return { user: userName(context), now: new Date(), signal: context.signal, platform: context.platform };
}

/** The name docker-machine puts into certificates. */
export function userName({ env }: MachineContext): string {
  return env['USER'] || env['USERNAME'] || userInfo().username || 'unknown';
}
