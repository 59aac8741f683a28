import { exitCodes, TmachineError } from 'tmachine/driver';
import { defaultPorts, type QemuData } from './data.ts';
import type { QemuMachine } from './machine.ts';
import { checkListeners } from './ports.ts';
import { checkQemuVersion, findQemuProgram } from './program.ts';
import { parsePublish } from './publish.ts';
import { parseShareFolder } from './share-folder.ts';

/**
 * Whether this computer can run the machine, before anything of it exists.
 *
 * @throws TmachineError with exit code 3.
 */
export async function preflightQemu(machine: QemuMachine): Promise<void> {
  const { host } = machine;
  const data = machine.data();
  await checkQemuVersion(host, await findQemuProgram(host, data.Program));
  for (const { directory } of data.ShareFolders.map(parseShareFolder)) {
    if (await host.files.isFolder(directory)) continue;
    throw new TmachineError(`Cannot share "${directory}": it is not a folder of this computer`, {
      code: 'QEMU_SHARE_FAILED',
      exitCode: exitCodes.preflight,
      hint: 'make it first, or correct --qemu-share-folder',
    });
  }
  await checkRequestedAddress(machine);
  await checkListeners(machine, publishedElsewhere(data), exitCodes.preflight);
}

/**
 * Refuses an address asked for that belongs to another machine of this store, or where somebody listens.
 *
 * @throws TmachineError `ADDRESS_TAKEN` or `PORT_TAKEN` with exit code 3.
 */
export async function checkRequestedAddress(machine: QemuMachine): Promise<void> {
  const wanted = machine.data().Address;
  if (wanted === '') return;
  const others = (await machine.host.otherMachines()) as readonly Partial<QemuData>[];
  const owner = others.find((other) => other.IPAddress === wanted);
  if (owner !== undefined)
    throw new TmachineError(
      `Cannot use address ${wanted} for "${machine.name}": it belongs to machine "${owner.MachineName}"`,
      {
        code: 'ADDRESS_TAKEN',
        exitCode: exitCodes.preflight,
        hint: 'take another address, or leave --qemu-address out',
      },
    );
  const listeners = Object.values(defaultPorts).map((port) => ({ address: wanted, port }));
  await checkListeners(machine, listeners, exitCodes.preflight);
}

function publishedElsewhere(data: QemuData): readonly { readonly address: string; readonly port: number }[] {
  return data.Publish.map(parsePublish).flatMap(({ host, hostPort }) =>
    host === undefined ? [] : { address: host, port: hostPort },
  );
}
