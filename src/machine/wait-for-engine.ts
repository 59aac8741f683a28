import { checkTls, type TlsTarget } from '../engine/tls-check.ts';
import { isCertificateFailure, type TlsCheck, type TlsFailure } from '../engine/tls-outcome.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import { waitUntil } from '../host/wait-until.ts';
import { parseBootProgress } from './console-stages.ts';
import type { MachineContext } from './context.ts';
import { engineTarget } from './engine.ts';
import { notRunning, requireUrl } from './engine-url.ts';
import type { Machine } from './machine.ts';

/** A guest under software emulation on a busy computer may need minutes. */
const bootMs = 300_000;
/** An engine that listens needs no time but that of its answer. */
const provisionedMs = 120_000;
const attemptMs = 15_000;
const lookEveryMs = 1000;
const looksForLog = 10;
/** Our guest writes to its console as soon as its kernel runs, which takes seconds even without acceleration. */
const silenceMs = 120_000;

/**
 * Waits until the engine answers over TLS, and says meanwhile what the guest is doing. Resolves with a failure of
 * certificates or clocks as well, because only the caller knows whether that can be mended.
 *
 * @throws TmachineError `TIMED_OUT`, `ENGINE_FAILED` with the end of dockerd's log, `GUEST_STOPPED`, `GUEST_SILENT`.
 */
export async function waitForEngine(
  machine: Machine,
  context: MachineContext,
  timeoutMs: number = bootMs,
): Promise<TlsCheck> {
  const url = await requireUrl(machine);
  const target = engineTarget(machine, url);
  const watch = watchGuest(machine);
  return await waitUntil(
    async () => {
      const check = await attempt(target, context);
      if (check.outcome === 'ok' || check.outcome === 'clock-skew' || isCertificateFailure(check)) return check;
      await watch();
      return undefined;
    },
    {
      what: `the Docker Engine of "${machine.name}" to answer at ${url}`,
      timeoutMs,
      signal: context.signal,
      firstDelayMs: 50,
      maxDelayMs: 100,
    },
  );
}

/** @throws TmachineError `ENGINE_REFUSED` when engine and certificates do not fit. */
export async function requireEngine(machine: Machine, context: MachineContext): Promise<void> {
  const check = await waitForEngine(machine, context);
  if (check.outcome !== 'ok') throw engineRefused(machine, check);
}

/**
 * As `requireEngine`, for a guest that has just been provisioned: its engine listens, so only what is in between can be wrong.
 *
 * @throws TmachineError `ENGINE_UNREACHABLE`.
 */
export async function requireProvisionedEngine(machine: Machine, context: MachineContext): Promise<void> {
  try {
    const check = await waitForEngine(machine, context, provisionedMs);
    if (check.outcome !== 'ok') throw engineRefused(machine, check);
  } catch (error) {
    if (!(error instanceof TmachineError) || error.code !== 'TIMED_OUT') throw error;
    const url = await machine.driver.dockerUrl();
    throw new TmachineError(`The Docker Engine of "${machine.name}" runs, but cannot be reached at ${url} from here`, {
      code: 'ENGINE_UNREACHABLE',
      hint: 'open that port for this computer where a firewall is in between, and run the command again',
      cause: error,
    });
  }
}

/** The error for an engine whose certificates and ours do not fit. */
export function engineRefused(machine: Machine, check: TlsFailure): TmachineError {
  return new TmachineError(`The Docker Engine of "${machine.name}" answers, but not to us: ${check.message}`, {
    code: 'ENGINE_REFUSED',
    hint: check.hint ?? `make new certificates: tmachine regenerate-certs ${machine.name}`,
  });
}

async function attempt(target: TlsTarget, context: MachineContext): Promise<TlsCheck> {
  return await checkTls(target, {
    timeoutMs: attemptMs,
    now: new Date(),
    signal: context.signal,
    wantsAnswer: true,
  });
}

/** Looks at state and console now and then: a guest that is off or silent, or whose dockerd gave up, ends the wait. */
function watchGuest(machine: Machine): () => Promise<void> {
  const startedAt = Date.now();
  let lookedAt = startedAt;
  let failureLooks = 0;
  return async () => {
    if (Date.now() - lookedAt < lookEveryMs) return;
    lookedAt = Date.now();
    const [state, lines] = await Promise.all([machine.driver.state(), machine.driver.console?.lastLines(60)]);
    if (state === 'Stopped' || state === 'Error')
      throw new TmachineError(`"${machine.name}" went off while it was starting`, {
        code: 'GUEST_STOPPED',
        cause: notRunning(machine),
      });
    const elapsedMs = lookedAt - startedAt;
    if (lines?.length === 0 && elapsedMs > silenceMs) throw guestSilent(machine, elapsedMs);
    const { doing, dockerFailure } = parseBootProgress(lines ?? []);
    if (dockerFailure !== undefined) {
      failureLooks += 1;
      // The log comes line by line behind the word that dockerd failed.
      if (failureLooks > (dockerFailure.length > 0 ? 1 : looksForLog)) throw engineFailed(machine, dockerFailure);
      return;
    }
    const what = lines === undefined ? 'the engine' : `the guest, which is ${doing}`;
    machine.emit({ type: 'step.waiting', step: 'engine', what, elapsedMs });
  };
}

function guestSilent(machine: Machine, elapsedMs: number): TmachineError {
  const seconds = Math.round(elapsedMs / 1000);
  return new TmachineError(`"${machine.name}" does not boot: its console is still silent after ${seconds} s`, {
    code: 'GUEST_SILENT',
    hint: 'check the boot image with: tmachine image verify',
  });
}

function engineFailed(machine: Machine, log: readonly string[]): TmachineError {
  const said = log.length === 0 ? 'it left no log' : `its log ends with\n${log.map((line) => `  ${line}`).join('\n')}`;
  return new TmachineError(`dockerd did not start in "${machine.name}": ${said}`, {
    code: 'ENGINE_FAILED',
    hint: 'check the --engine-* options of create',
  });
}
