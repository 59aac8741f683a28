import { join } from 'node:path';
import type { GuestAccess } from '../driver/contract.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { Guest } from '../ssh/guest.ts';
import type { GuestAddress, OpenOptions } from '../ssh/open-guest.ts';
import type { MachineContext } from './context.ts';
import type { Machine } from './machine.ts';

/** The file of a machine's folder in which its SSH host key is pinned. */
export const knownHostsName = 'known_hosts';

/** Where a machine's SSH host key is pinned. */
export function knownHostsFile(machine: Machine): string {
  return join(machine.files.directory, knownHostsName);
}

/** Logs in as soon as the guest lets us; shown under the step named `step`. */
export async function openGuestWhenReady(machine: Machine, context: MachineContext, step: string): Promise<Guest> {
  const { connectWhenReady } = await import('../ssh/open-guest.ts');
  return await connectWhenReady(
    await guestAddress(machine),
    { timeoutMs: loginTimeoutMs, step },
    sshOptions(machine, context),
  );
}

/** Logs in to a guest that runs, perhaps as another user: its SSH server comes up shortly after its engine, so it is given a moment. */
export async function openGuestNow(machine: Machine, context: MachineContext, user?: string): Promise<Guest> {
  const { connectWhenReady } = await import('../ssh/open-guest.ts');
  const wait = { timeoutMs: runningLoginTimeoutMs, step: 'ssh' };
  return await connectWhenReady(await guestAddress(machine, user), wait, sshOptions(machine, context));
}

const loginTimeoutMs = 180_000;
const runningLoginTimeoutMs = 45_000;

function sshOptions(machine: Machine, context: MachineContext): OpenOptions {
  return { kind: context.globals.sshClient, signal: context.signal, emit: machine.emit, env: context.env };
}

/** @throws TmachineError `NO_SSH` when the driver knows of no way in. */
export function requireGuest({ name, driver }: Machine): GuestAccess {
  if (driver.guest !== undefined) return driver.guest;
  throw new TmachineError(`Cannot log in to "${name}": its driver gives no SSH access`, { code: 'NO_SSH' });
}

/** Where to log in, and where its host key is pinned. @throws TmachineError `NO_SSH`. */
export async function guestAddress(machine: Machine, user?: string): Promise<GuestAddress> {
  const target = await requireGuest(machine).ssh();
  return { ...target, user: user ?? target.user, knownHostsFile: knownHostsFile(machine) };
}
