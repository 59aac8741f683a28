import { readFileSync } from 'node:fs';
import type { ShareSecureContext } from '../engine/secure-context.ts';
import { checkTls, type TlsTarget } from '../engine/tls-check.ts';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { endpointOf, formatEndpoint } from './engine-url.ts';
import type { Machine } from './machine.ts';

/** Where the engine at `url` is, and the machine's certificates. @throws TmachineError `CERTIFICATE_MISSING`. */
export function engineTarget(machine: Machine, url: string): TlsTarget {
  const { caCert, clientCert, clientKey } = machine.files;
  const [ca, cert, key] = [caCert, clientCert, clientKey].map((path) => read(path, machine));
  return { ...endpointOf(url), ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
}

/**
 * The version an engine gives itself, without the `v`. `share` spares reading keys again that several machines have.
 *
 * @throws TmachineError `ENGINE_UNREACHABLE`.
 */
export async function engineVersion(
  machine: Machine,
  url: string,
  {
    signal,
    share,
    timeoutMs = 10_000,
  }: { readonly signal: AbortSignal; readonly share?: ShareSecureContext; readonly timeoutMs?: number },
): Promise<string> {
  const target = { ...engineTarget(machine, url), share };
  // For GET /version an engine starts containerd's and runc's programs; the head of any answer tells its own version.
  const check = await checkTls(target, { timeoutMs, now: new Date(), signal, wantsAnswer: true });
  if (check.outcome !== 'ok')
    throw new TmachineError(`Cannot reach the engine at ${formatEndpoint(target)}: ${check.message}`, {
      code: 'ENGINE_UNREACHABLE',
      hint: check.hint,
    });
  if (check.engineVersion !== undefined) return check.engineVersion;
  const { getVersion } = await import('../engine/client.ts');
  return (await getVersion(target, { timeoutMs, signal })).Version;
}

/** At once: three small files are read in less time than the thread pool takes to hear of them. */
function read(path: string, { name, driver }: Machine): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    throw new TmachineError(`Cannot reach the engine of "${name}": ${path} is missing`, {
      code: 'CERTIFICATE_MISSING',
      hint:
        driver.guest === undefined
          ? 'put ca.pem, cert.pem and key.pem of that engine into this folder'
          : `make new certificates: tmachine regenerate-certs ${name}`,
    });
  }
}
