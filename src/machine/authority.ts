import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Authority, AuthorityOptions } from '../certs/authority.ts';
import { type AuthorityPaths, authorityPaths } from '../certs/authority-paths.ts';
import type { MachineRecord } from '../store/record.ts';
import type { MachineContext } from './context.ts';

/**
 * Where the authority and the client pair are: the files the user names, else those that a machine was made with, else the
 * store's own.
 */
export function authorityPathsOf({ store, globals, cwd }: MachineContext, record?: MachineRecord): AuthorityPaths {
  const absolute = (path: string): string => (path === '' || isAbsolute(path) ? path : join(cwd, path));
  const { certs } = store.layout;
  const made = record?.options.AuthOptions;
  const ca = isOther(made?.CaCertPath, certs.caCert) ? made : undefined;
  const client = isOther(made?.ClientCertPath, certs.clientCert) ? made : undefined;
  return authorityPaths(certs.directory, {
    caCert: absolute(globals.tlsCaCert) || ca?.CaCertPath,
    caKey: absolute(globals.tlsCaKey) || ca?.CaPrivateKeyPath,
    clientCert: absolute(globals.tlsClientCert) || client?.ClientCertPath,
    clientKey: absolute(globals.tlsClientKey) || client?.ClientKeyPath,
  });
}

/** A recorded path may lead to the store's own file by another name, or to where the store once was. */
function isOther(recorded: string | undefined, own: string): boolean {
  if (recorded === undefined || recorded === '' || recorded === own) return false;
  const [one, other] = [recorded, own].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && (one.ino !== other?.ino || one.dev !== other.dev);
}

/** The authority and client pair of this store, or those a machine was made with; made where they are missing. */
export async function openAuthority(context: MachineContext, record?: MachineRecord): Promise<Authority> {
  const { loadOrCreateAuthority } = await import('../certs/authority.ts');
  return await loadOrCreateAuthority(authorityPathsOf(context, record), authorityOptions(context));
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
