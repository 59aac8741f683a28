import type { TlsTarget } from '../engine/tls-check.ts';
import { isCertificateFailure } from '../engine/tls-outcome.ts';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { refreshClientCopies } from './client-copies.ts';
import type { MachineContext } from './context.ts';
import type { Machine } from './machine.ts';
import { type ReachOptions, reachEngine } from './reach-engine.ts';

/**
 * The URL of an engine that accepts our certificate and shows one we accept. `prefix` begins the error, as
 * docker-machine's `env` and `config` have different ones.
 *
 * @throws TmachineError `NOT_RUNNING`, `CERTIFICATES_DISAGREE`, `ENGINE_UNREACHABLE`.
 */
export async function checkConnection(machine: Machine, prefix: string, context: MachineContext): Promise<string> {
  return (await connectEngine(machine, { prefix }, context)).url;
}

/** An engine that `connectEngine` has found good. */
export interface ConnectedEngine {
  readonly url: string;
  readonly target: TlsTarget;
  /** Missing when it was not asked. */
  readonly apiVersion: string | undefined;
}

/** As `checkConnection`; with `wantsAnswer` the engine says which API it has. */
export async function connectEngine(
  machine: Machine,
  { prefix, wantsAnswer }: ReachOptions & { readonly prefix: string },
  context: MachineContext,
): Promise<ConnectedEngine> {
  await refreshClientCopies(machine, context);
  const { url, target, check } = await reachEngine(machine, context, { wantsAnswer }).catch((error: unknown) => {
    throw prefixed(prefix, error);
  });
  if (check.outcome === 'ok') return { url, target, apiVersion: check.apiVersion };
  const host = `${target.host}:${target.port}`;
  const clocks = `tmachine certs renew ${machine.name} sets that of the machine by this computer's`;
  if (!isCertificateFailure(check))
    throw new TmachineError(
      `${prefix}: Cannot reach the Docker Engine of "${machine.name}" at ${host}: ${check.message}`,
      {
        code: 'ENGINE_UNREACHABLE',
        hint:
          check.outcome === 'clock-skew'
            ? `${check.hint}; ${clocks}`
            : (check.hint ?? `see what the engine says: tmachine ssh ${machine.name} sudo tail /var/log/docker.log`),
      },
    );
  throw new TmachineError(formatDisagreement({ prefix, host, reason: check.message }), {
    code: 'CERTIFICATES_DISAGREE',
    hint: check.hint,
  });
}

/** What `env` and `config` say when certificates and address do not belong together, in docker-machine's words. */
export function formatDisagreement(what: {
  readonly prefix: string;
  readonly host: string;
  readonly reason: string;
}): string {
  return [
    `${what.prefix}: Error checking and/or regenerating the certs: ` +
      `There was an error validating certificates for host "${what.host}": ${what.reason}`,
    "You can attempt to regenerate them using 'tmachine regenerate-certs [name]'.",
    'Be advised that this will trigger a Docker daemon restart which might stop running containers.',
  ].join('\n');
}

function prefixed(prefix: string, error: unknown): unknown {
  if (!(error instanceof TmachineError) || isSystemError(error, 'ABORT_ERR')) return error;
  const { code, hint, exitCode } = error;
  return new TmachineError(`${prefix}: ${error.message}`, { code, hint, exitCode, cause: error });
}
