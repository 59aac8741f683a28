import type { MachineState, PowerControls } from 'tmachine/driver';
import { findAddress } from './find-address.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { isSshPortOpen } from './nat-port.ts';
import { stateOfVirtualBox } from './state.ts';

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
      if (wasRunning && (await isSshPortOpen(machine))) return 'Running';
      const state = await stateOfVirtualBox(machine);
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
  const found = await findAddress(machine);
  if (found !== undefined) machine.learn({ IPAddress: found });
  return machine.data().IPAddress;
}

/** The verbs of a machine under watch. */
export function watchPower(power: PowerControls, watch: Watch): PowerControls {
  return {
    start: async () => await watch.starting(power.start),
    stop: async () => await watch.ending(power.stop),
    restart: async () => await watch.starting(power.restart),
    kill: async () => await watch.ending(power.kill),
    pause: async () => await watch.ending(power.pause),
    resume: async () => await watch.ending(power.resume),
    save: async () => await watch.ending(power.save),
  };
}
