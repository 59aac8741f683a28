import type { VirtualBoxMachine } from './machine.ts';

const mebibyte = 1024 * 1024;

/**
 * Makes the data disk with the seed at its start. VirtualBox takes an input shorter than the disk and leaves the rest
 * blank, so nobody has to write gigabytes of zeros.
 */
export async function makeDisk(machine: VirtualBoxMachine, seed: Uint8Array): Promise<void> {
  const vboxManage = await machine.vboxManage();
  const path = await vboxManage.toProgramPath(machine.files.disk);
  const size = String(machine.data().DiskSize * mebibyte);
  await vboxManage.run({ args: ['convertfromraw', 'stdin', path, size, '--format', 'VMDK'], input: seed });
}
