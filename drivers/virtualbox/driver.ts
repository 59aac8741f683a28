import { type Driver, formatConsole, type GuestConsole, type PowerControls } from 'tmachine/driver';
import type { VirtualBoxData } from './data.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { createWatch, type Watch } from './watch.ts';

const enginePort = 2376;

/** A driver bound to one VirtualBox machine. It holds nothing open between its verbs. */
export function openVirtualBox(machine: VirtualBoxMachine): Driver<VirtualBoxData> {
  const { data } = machine;
  const watch = createWatch(machine);
  return {
    get data() {
      return data();
    },
    preflight: async () => await (await import('./preflight.ts')).preflightVirtualBox(machine),
    create: async (makeSeed) => {
      const { createVirtualBox } = await import('./create.ts');
      await watch.starting(async () => await createVirtualBox(machine, makeSeed));
    },
    remove: async () => {
      const { removeVirtualBox } = await import('./remove.ts');
      await watch.ending(async () => await removeVirtualBox(machine));
    },
    state: watch.state,
    dockerUrl: async () => urlOf(await watch.address()),
    recordedUrl: () => urlOf(data().IPAddress),
    power: powerOf(machine, watch),
    guest: {
      address: watch.address,
      ssh: async () => ({
        host: '127.0.0.1',
        port: data().SSHPort,
        user: data().SSHUser,
        identityFile: data().SSHKeyPath,
      }),
    },
    bootImage: {
      source: data().Boot2DockerURL || undefined,
      path: machine.files.image,
      // VirtualBox knows the image by its path.
      replace: async (image) => await machine.host.files.linkOrCopy(image.path, machine.files.image),
    },
    ...(hasConsole(data()) ? { console: consoleOf(machine) } : {}),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** The verbs, under watch; their code is loaded by whoever uses one. */
function powerOf(machine: VirtualBoxMachine, watch: Watch): PowerControls {
  const run = (name: keyof PowerControls) => async (): Promise<void> =>
    await (await import('./power.ts')).virtualBoxPower(machine)[name]();
  return {
    start: async () => await watch.starting(run('start')),
    stop: async () => await watch.ending(run('stop')),
    restart: async () => await watch.starting(run('restart')),
    kill: async () => await watch.ending(run('kill')),
    pause: async () => await watch.ending(run('pause')),
    resume: async () => await watch.ending(run('resume')),
    save: async () => await watch.ending(run('save')),
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
