import { authorityPathsOf } from './authority.ts';
import { regenerateCertificates } from './certificates.ts';
import type { MachineContext } from './context.ts';
import { forEachMachine, type Outcome } from './each.ts';
import { openMachine } from './machine.ts';
import { prepareCertificates, reasonsToRenew, renewShared, type SharedRenewal } from './renewal.ts';

/** What became of a machine's server certificate; `waiting` means that the machine is off and it happens at the next start. */
export interface RenewedMachine {
  readonly name: string;
  readonly result: 'renewed' | 'good' | 'waiting';
  readonly reason: string;
}

/** What `certs renew` did. */
export interface RenewalResult {
  readonly shared: SharedRenewal;
  readonly machines: readonly Outcome<RenewedMachine>[];
}

/** Renews what has less than 30 days left or does not fit, or all of it. Certificates that the user named stay. */
export async function renewCertificates(
  names: readonly string[],
  force: boolean,
  context: MachineContext,
): Promise<RenewalResult> {
  const { ca, client } = authorityPathsOf(context);
  const when = force ? 'always' : 'due';
  const shared =
    ca.isCustom || client.isCustom
      ? { ca: false, client: false }
      : await renewShared({ ca: when, client: when }, context);
  return { shared, machines: await forEachMachine(names, (name) => renewMachine(name, force, context)) };
}

async function renewMachine(name: string, force: boolean, context: MachineContext): Promise<RenewedMachine> {
  const { reason, isRunning } = await lookAt(name, force, context);
  if (reason === undefined) return { name, result: 'good', reason: '' };
  if (!isRunning) return { name, result: 'waiting', reason };
  await regenerateCertificates(name, context);
  return { name, result: 'renewed', reason };
}

async function lookAt(name: string, force: boolean, context: MachineContext) {
  await using machine = await openMachine(name, context);
  await prepareCertificates(machine, context);
  const isRunning = (await machine.driver.state()) === 'Running';
  const [first] = await reasonsToRenew(machine, context);
  const clock = isRunning && first === undefined ? await engineComplaint(machine, context) : undefined;
  return { isRunning, reason: first?.text ?? clock ?? (force ? 'asked for' : undefined) };
}

/** What is wrong although the files are good: another certificate in the guest, or a clock. */
async function engineComplaint(
  machine: Parameters<typeof reasonsToRenew>[0],
  context: MachineContext,
): Promise<string | undefined> {
  const [{ reachEngine }, { isCertificateFailure }] = await Promise.all([
    import('./reach-engine.ts'),
    import('../engine/tls-outcome.ts'),
  ]);
  const { check } = await reachEngine(machine, context);
  return check.outcome === 'clock-skew' || isCertificateFailure(check)
    ? (check as { message: string }).message
    : undefined;
}
