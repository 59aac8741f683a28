import { TmachineError } from 'tmachine/driver';
import type { QemuData } from './data.ts';
import type { QemuMachine } from './machine.ts';
import { parsePublish } from './publish.ts';

/** Where a machine listens on this computer. */
export interface Listener {
  readonly address: string;
  readonly port: number;
}

/** Everything a machine listens on while it runs. */
export function listenersOf(data: QemuData): readonly Listener[] {
  const published = data.Publish.map(parsePublish);
  return [
    { address: data.IPAddress, port: data.EnginePort },
    { address: data.IPAddress, port: data.SSHPort },
    ...published.map(({ host, hostPort }) => ({ address: host ?? data.IPAddress, port: hostPort })),
  ];
}

/**
 * Refuses when somebody else listens where the machine would.
 *
 * @throws TmachineError `PORT_TAKEN` saying who it is, as far as that can be known.
 */
export async function checkListeners(
  machine: QemuMachine,
  listeners: readonly Listener[],
  exitCode?: number,
): Promise<void> {
  const { host } = machine;
  for (const listener of listeners) {
    if (await host.network.isPortFree(listener.address, listener.port)) continue;
    throw await portTaken(machine, listener, exitCode);
  }
}

async function portTaken(
  machine: QemuMachine,
  { address, port }: Listener,
  exitCode: number | undefined,
): Promise<Error> {
  const { host, name } = machine;
  if (!(await isAddressOurs(machine, address)))
    return new TmachineError(`Cannot use address ${address} for "${name}": this computer does not have it`, {
      code: 'ADDRESS_UNKNOWN',
      exitCode,
      hint: 'leave --qemu-address out',
    });
  const others = (await host.otherMachines()) as readonly Partial<QemuData>[];
  const owner = others.find(
    (other) => other.IPAddress === address && (other.EnginePort === port || other.SSHPort === port),
  );
  const who =
    owner === undefined ? await describeListener(machine, { address, port }) : `machine "${owner.MachineName}"`;
  return new TmachineError(`Cannot use port ${port} of ${address} for "${name}": ${who} listens there`, {
    code: 'PORT_TAKEN',
    exitCode,
    hint:
      owner === undefined ? 'end that program, or take another address or port' : `stop "${owner.MachineName}" first`,
  });
}

async function isAddressOurs({ host }: QemuMachine, address: string): Promise<boolean> {
  return await host.network.findFreePort(address).then(
    () => true,
    () => false,
  );
}

async function describeListener({ host }: QemuMachine, { address, port }: Listener): Promise<string> {
  const found = await host.network.findListener(address, port);
  return found === undefined ? 'another program' : `process ${found.pid} (${found.name})`;
}
