import { readFile } from 'node:fs/promises';
import type { TlsTarget } from '../engine/tls-check.ts';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import type { MachineContext } from './context.ts';
import { endpointOf } from './engine-url.ts';
import type { Machine } from './machine.ts';

/** Where the engine at `url` is, and the machine's certificates. @throws TmachineError `CERTIFICATE_MISSING`. */
export async function engineTarget(machine: Machine, url: string): Promise<TlsTarget> {
  const { caCert, clientCert, clientKey } = machine.files;
  const [ca, cert, key] = await Promise.all([caCert, clientCert, clientKey].map((path) => read(path, machine.name)));
  return { ...endpointOf(url), ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
}

/** The version an engine gives itself, without the `v`. */
export async function engineVersion(machine: Machine, url: string, context: MachineContext): Promise<string> {
  const { getVersion } = await import('../engine/client.ts');
  const target = await engineTarget(machine, url);
  return (await getVersion(target, { timeoutMs: 10_000, signal: context.signal })).Version;
}

async function read(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    throw new TmachineError(`Cannot reach the engine of "${name}": ${path} is missing`, {
      code: 'CERTIFICATE_MISSING',
      hint: `make new certificates: tmachine regenerate-certs ${name}`,
    });
  }
}
