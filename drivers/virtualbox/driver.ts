import { type Driver, formatConsole, type GuestConsole } from 'tmachine/driver';
import { createVirtualBox } from './create.ts';
import type { VirtualBoxData } from './data.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { virtualBoxPower } from './power.ts';
import { preflightVirtualBox } from './preflight.ts';
import { removeVirtualBox } from './remove.ts';
import { createWatch, watchPower } from './watch.ts';

const enginePort = 2376;

/** A driver bound to one VirtualBox machine. It holds nothing open between its verbs. */
export function openVirtualBox(machine: VirtualBoxMachine): Driver<VirtualBoxData> {
  const { data } = machine;
  const watch = createWatch(machine);
  return {
    get data() {
      return data();
    },
    preflight: async () => await preflightVirtualBox(machine),
    create: async (makeSeed) => await watch.starting(async () => await createVirtualBox(machine, makeSeed)),
    remove: async () => await watch.ending(async () => await removeVirtualBox(machine)),
    state: watch.state,
    dockerUrl: async () => urlOf(await watch.address()),
    recordedUrl: () => urlOf(data().IPAddress),
    power: watchPower(virtualBoxPower(machine), watch),
    guest: {
      address: watch.address,
      ssh: async () => ({
        host: '127.0.0.1',
        port: data().SSHPort,
        user: data().SSHUser,
        identityFile: data().SSHKeyPath,
      }),
    },
    ...(hasConsole(data()) ? { console: consoleOf(machine) } : {}),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function urlOf(address: string): string | undefined {
  return address === '' ? undefined : `tcp://${address}:${enginePort}`;
}

/** Of a machine that is still to be created we cannot say yet. */
function hasConsole({ KeepsConsole, SSHPort }: VirtualBoxData): boolean {
  return KeepsConsole || SSHPort === 0;
}

function consoleOf({ host, files }: VirtualBoxMachine): GuestConsole {
  return {
    lastLines: async (count) => formatConsole(await host.files.readTail(files.console, 64 * 1024), count),
  };
}
