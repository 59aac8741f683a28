import { type Driver, type DriverRecord, formatConsole, type Host, type MachineState } from 'tmachine/driver';
import type { QemuData } from './data.ts';
import { qemuFiles } from './files.ts';
import { defaultLimits, type QemuLimits, type QemuMachine } from './machine.ts';
import { isMonitorFailure, queryRunState } from './monitor.ts';
import { endQemu, findQemu } from './process.ts';

/** A driver bound to one QEMU machine. It holds nothing open between its verbs. */
export function openQemu(
  record: DriverRecord<QemuData>,
  host: Host,
  limits: QemuLimits = defaultLimits,
): Driver<QemuData> {
  let data = record.data;
  const machine: QemuMachine = {
    name: record.name,
    host,
    files: qemuFiles(host.directory),
    limits,
    data: () => data,
    update: async (change) => {
      data = { ...data, ...change };
      await host.saveData(data);
    },
  };
  const power = async () => (await import('./power.ts')).qemuPower(machine);
  return {
    get data() {
      return data;
    },
    preflight: async () => await (await import('./preflight.ts')).preflightQemu(machine),
    create: async (makeSeed) => await (await import('./create.ts')).createQemu(machine, makeSeed),
    remove: async () => await removeQemu(machine),
    state: async () => await stateOfQemu(machine),
    dockerUrl: async () => (data.IPAddress === '' ? undefined : `tcp://${data.IPAddress}:${data.EnginePort}`),
    power: {
      start: async () => await (await power()).start(),
      stop: async () => await (await power()).stop(),
      restart: async () => await (await power()).restart(),
      kill: async () => await (await power()).kill(),
      pause: async () => await (await power()).pause(),
      resume: async () => await (await power()).resume(),
    },
    guest: {
      address: async () => data.IPAddress,
      ssh: async () => ({
        host: data.IPAddress,
        port: data.SSHPort,
        user: data.SSHUser,
        identityFile: data.SSHKeyPath,
      }),
    },
    console: {
      lastLines: async (count) => formatConsole(await host.files.readTail(machine.files.console, 64 * 1024), count),
    },
    bootImage: {
      source: data.Boot2DockerURL || undefined,
      path: machine.files.image,
      replace: async (image) => await host.files.linkOrCopy(image.path, machine.files.image),
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function removeQemu(machine: QemuMachine): Promise<void> {
  const { host, files } = machine;
  await endQemu(machine);
  for (const path of [...Object.values(files), `${files.image}.new`]) await host.files.remove(path);
}

/** Run states of QEMU's monitor (RunState of its protocol) in docker-machine's words; all others are errors. */
const statesByRunState: { readonly [status: string]: MachineState } = {
  running: 'Running',
  paused: 'Paused',
  suspended: 'Paused',
  prelaunch: 'Starting',
  shutdown: 'Stopping',
};

async function stateOfQemu(machine: QemuMachine): Promise<MachineState> {
  try {
    const status = await queryRunState(machine);
    if (status !== undefined) return statesByRunState[status] ?? 'Error';
  } catch (error) {
    if (!isMonitorFailure(error)) throw error;
    // Somebody was there but did not answer: QEMU hangs, unless it has ended in this moment.
    if ((await findQemu(machine)) !== undefined) return 'Error';
  }
  if ((await findQemu(machine)) !== undefined) return 'Starting';
  return (await machine.host.files.exists(machine.files.disk)) ? 'Stopped' : 'Error';
}
