import type { TlsCheck, TlsFailure } from '../engine/tls-outcome.ts';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { step } from '../events/event.ts';
import { provisionOver } from './certificates.ts';
import type { MachineContext } from './context.ts';
import { openGuestWhenReady } from './guest.ts';
import type { Machine } from './machine.ts';
import { prepareCertificates, reasonsToRenew } from './renewal.ts';
import { settleRotation } from './rotate-authority.ts';
import { engineRefused, requireProvisionedEngine, waitForEngine } from './wait-for-engine.ts';

/**
 * Waits until the engine of a machine that was just started answers. Certificates that do not fit, or have less than 30
 * days left, are made anew, and a clock that is wrong is set right, before this resolves.
 *
 * @throws TmachineError as `waitForEngine`, `ENGINE_REFUSED`.
 */
export async function makeEngineReady(machine: Machine, context: MachineContext): Promise<void> {
  await prepareCertificates(machine, context);
  await step(machine.emit, 'engine', 'Waiting for the Docker Engine to answer', async () => {
    const check = await waitForEngine(machine, context);
    const second = check.outcome === 'clock-skew' ? await checkAfterClock(machine, context, check) : check;
    if (second.outcome === 'ok') await renewWhenDue(machine, context);
    else await mend(machine, context, second);
    await settleRotation(context);
  });
}

/** What the engine says once the guest's clock is right; what it said before where that was not the reason. */
async function checkAfterClock(machine: Machine, context: MachineContext, before: TlsFailure): Promise<TlsCheck> {
  if (machine.driver.guest === undefined) return before;
  const { correctClock } = await import('../provision/clock.ts');
  await using guest = await openGuestWhenReady(machine, context, 'ssh');
  const wasOff = await correctClock(guest, machine.emit);
  return wasOff === undefined ? before : await waitForEngine(machine, context);
}

async function mend(machine: Machine, context: MachineContext, failure: TlsFailure): Promise<void> {
  if (machine.driver.guest === undefined) throw engineRefused(machine, failure);
  const text =
    failure.outcome === 'name-mismatch'
      ? 'The address is not the one its certificate was made for: making a new certificate'
      : `The engine and its certificates do not fit (${failure.message}): making new certificates`;
  machine.emit({ type: 'notice', level: 'info', text });
  await provisionOver(machine, context, 'certificates');
  await requireProvisionedEngine(machine, context);
}

/** The engine answers as it is, so a renewal that fails is no reason to fail. */
async function renewWhenDue(machine: Machine, context: MachineContext): Promise<void> {
  const [reason] = await reasonsToRenew(machine, context);
  if (reason === undefined || machine.driver.guest === undefined) return;
  machine.emit({
    type: 'notice',
    level: 'info',
    text: `The certificate of the engine: ${reason.text}. Making a new one`,
  });
  try {
    await provisionOver(machine, context, 'certificates');
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof TmachineError) || error.code === 'PROVISION_FAILED') throw error;
    const text = `The certificate could not be renewed: ${messageOf(error)}`;
    machine.emit({ type: 'notice', level: 'warning', text });
  }
  await requireProvisionedEngine(machine, context);
}
