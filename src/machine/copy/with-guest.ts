import { TmachineError } from '../../errors/tmachine-error.ts';
import type { Guest } from '../../ssh/guest.ts';
import type { MachineContext } from '../context.ts';
import { openGuestNow } from '../guest.ts';
import { type Machine, openMachine } from '../machine.ts';
import type { Location } from './location.ts';

/** A path in a machine. */
export type MachineLocation = Location & { readonly kind: 'machine' };

/** Runs work on an open machine that runs. @throws TmachineError `NOT_RUNNING`. */
export async function withRunningMachine<T>(
  name: string,
  context: MachineContext,
  work: (machine: Machine) => Promise<T>,
): Promise<T> {
  await using machine = await openMachine(name, context);
  if ((await machine.driver.state()) === 'Running') return await work(machine);
  throw new TmachineError(`Error: Cannot reach the files of "${name}": Host is not running`, {
    code: 'NOT_RUNNING',
    hint: `start it: tmachine start ${name}`,
  });
}

/** Runs work in a machine that runs, logged in as the user who was named. */
export async function withGuest<T>(
  location: MachineLocation,
  context: MachineContext,
  work: (guest: Guest, machine: Machine) => Promise<T>,
): Promise<T> {
  return await withRunningMachine(location.machine, context, async (machine) => {
    await using guest = await openGuestNow(machine, context, location.user);
    return await work(guest, machine);
  });
}
