import { X509Certificate } from 'node:crypto';
import { checkTls, type TlsTarget } from '../engine/tls-check.ts';
import type { TlsCheck } from '../engine/tls-outcome.ts';
import { readTextIfExists } from '../host/files.ts';
import type { MachineContext } from './context.ts';
import { engineTarget } from './engine.ts';
import { notRunning } from './engine-url.ts';
import type { Machine } from './machine.ts';

const timeoutMs = 10_000;
/** An engine that is there has mostly answered by then; one behind an address that nobody has never does. */
const patienceMs = 750;
/** The same where the question costs little. */
const quickMs = 100;

/** How an engine is tried: whether it must answer a request too, as for `checkTls`. */
export interface ReachOptions {
  readonly wantsAnswer?: boolean | undefined;
}

/** Where a running machine's engine was looked for, and what became of it. */
export interface ReachedEngine {
  readonly url: string;
  readonly target: TlsTarget;
  readonly check: TlsCheck;
}

/**
 * Tries the engine of a machine once, over TLS. A driver with a recorded address is asked only where this machine's own
 * engine does not answer there; other drivers are asked sooner.
 *
 * @throws TmachineError `NOT_RUNNING`, `CERTIFICATE_MISSING`.
 */
export async function reachEngine(
  machine: Machine,
  context: MachineContext,
  { wantsAnswer }: ReachOptions = {},
): Promise<ReachedEngine> {
  const recorded = machine.driver.recordedUrl?.();
  if (recorded === undefined) {
    const url = await machine.driver.dockerUrl();
    if (url === undefined || url === '') throw notRunning(machine);
    return await tryWhileRunning(machine, url, { context, wantsAnswer, patienceMs: quickMs });
  }
  const reached = await tryWhileRunning(machine, recorded, { context, wantsAnswer, patienceMs });
  if (await isOwnEngine(machine, reached.check)) return reached;
  const url = await machine.driver.dockerUrl();
  if (url === undefined || url === '') throw notRunning(machine);
  return url === recorded ? reached : await tryWhileRunning(machine, url, { context, wantsAnswer, patienceMs });
}

/** One attempt that a machine found to be off ends early. */
async function tryWhileRunning(
  machine: Machine,
  url: string,
  { context, wantsAnswer, patienceMs: delayMs }: ReachOptions & { context: MachineContext; patienceMs: number },
): Promise<ReachedEngine> {
  const ending = new AbortController();
  // Not AbortSignal.any, which takes a millisecond to get going.
  const interrupt = (): void => ending.abort(context.signal.reason);
  context.signal.addEventListener('abort', interrupt);
  let asked: Promise<void> | undefined;
  const requireRunning = (): Promise<void> => {
    asked ??= askRunning(machine);
    return asked;
  };
  let timer: NodeJS.Timeout | undefined;
  const off = new Promise<never>((_, reject) => {
    timer = setTimeout(() => requireRunning().catch(reject), delayMs);
  });
  try {
    const target = await targetOfRunning(machine, url, requireRunning);
    const checking = checkTls(target, { timeoutMs, now: new Date(), signal: ending.signal, wantsAnswer });
    const check = await Promise.race([checking, off]);
    // Whoever answers in the place of a machine that is off is no reason to blame certificates.
    if (check.outcome !== 'ok') await requireRunning();
    return { url, target, check };
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', interrupt);
    ending.abort();
  }
}

/** That a machine is off comes before what its folder lacks. */
async function targetOfRunning(machine: Machine, url: string, requireRunning: () => Promise<void>): Promise<TlsTarget> {
  try {
    return engineTarget(machine, url);
  } catch (error) {
    await requireRunning();
    throw error;
  }
}

async function askRunning(machine: Machine): Promise<void> {
  if ((await machine.driver.state()) !== 'Running') throw notRunning(machine);
}

/** Addresses can change hands: another machine of ours would pass every other check. */
async function isOwnEngine(machine: Machine, check: TlsCheck): Promise<boolean> {
  if (check.outcome !== 'ok') return false;
  const own = await readTextIfExists(machine.files.serverCert);
  try {
    return own === undefined || new X509Certificate(own).fingerprint256 === check.fingerprint;
  } catch {
    // Damaged, so that it cannot tell whose engine this is.
    return false;
  }
}
