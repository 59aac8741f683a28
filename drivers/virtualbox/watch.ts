import type { MachineState } from 'tmachine/driver';
import type { VirtualBoxMachine } from './machine.ts';

/** What is known of a machine since its driver was opened, so that VBoxManage is asked once and not every second. */
export interface Watch {
  state(): Promise<MachineState>;
  /** Where the guest is, asked for once. */
  address(): Promise<string>;
  /** Runs a verb after which the machine runs, at its recorded address. */
  starting(verb: () => Promise<void>): Promise<void>;
  /** Runs a verb after which nothing is known. */
  ending(verb: () => Promise<void>): Promise<void>;
}

/** As long as VirtualBox listens on the SSH port of a machine that was seen running, it still runs. */
export function createWatch(machine: VirtualBoxMachine): Watch {
  let wasRunning = false;
  let address: Promise<string> | undefined;
  const forget = (): void => {
    wasRunning = false;
    address = undefined;
  };
  return {
    state: async () => {
      if (wasRunning && (await (await import('./nat-port.ts')).isSshPortOpen(machine))) return 'Running';
      const state = await (await import('./state.ts')).stateOfVirtualBox(machine);
      wasRunning = state === 'Running';
      return state;
    },
    address: async () => {
      address ??= askAddress(machine);
      return await address;
    },
    starting: async (verb) => {
      forget();
      await verb();
      wasRunning = true;
      address = Promise.resolve(machine.data().IPAddress);
    },
    ending: async (verb) => {
      forget();
      await verb();
    },
  };
}

/** An address that is not the recorded one is stored with the next change of the machine. */
async function askAddress(machine: VirtualBoxMachine): Promise<string> {
  const found = await (await import('./find-address.ts')).findAddress(machine);
  if (found !== undefined) machine.learn({ IPAddress: found });
  return machine.data().IPAddress;
}
