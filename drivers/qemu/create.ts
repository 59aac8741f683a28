import { type MakeSeed, step } from 'tmachine/driver';
import { type ClaimedAddress, claimAddress, type MachineAddress } from './address.ts';
import { bootQemu } from './boot.ts';
import type { QemuMachine } from './machine.ts';
import { checkListeners, listenersOf } from './ports.ts';
import { checkRequestedAddress } from './preflight.ts';

const mebibyte = 1024 * 1024;

/** Makes the machine and starts it. */
export async function createQemu(machine: QemuMachine, makeSeed: MakeSeed): Promise<void> {
  const { host } = machine;
  // Held until QEMU itself listens there, so that no other store or user takes the same address meanwhile.
  await using _claim = await claimForGood(machine);
  await step(host.emit, 'disk', 'Creating the disk', async () => {
    const seeding = makeSeed([machine.data().IPAddress]);
    // Both have ended when this fails, so that cleaning up meets nobody who still writes.
    const [seed, image] = await Promise.allSettled([seeding, putImage(machine)]);
    if (image.status === 'rejected') throw image.reason;
    if (seed.status === 'rejected') throw seed.reason;
    await host.files.createSparse(machine.files.disk, machine.data().DiskSize * mebibyte, seed.value);
  });
  await step(host.emit, 'boot', 'Starting the virtual machine', async () => {
    await checkListeners(machine, listenersOf(machine.data()));
    await bootQemu(machine);
  });
}

async function putImage(machine: QemuMachine): Promise<void> {
  const { host, files } = machine;
  const url = machine.data().Boot2DockerURL;
  const image = await host.bootImage(url === '' ? undefined : url);
  await host.files.linkOrCopy(image.path, files.image);
}

/** The address is stored before the lock is given back: from then on the other creators of this store see it. */
async function claimForGood(machine: QemuMachine): Promise<AsyncDisposable> {
  const { host } = machine;
  return await host.withLock('qemu-addresses', async () => {
    await checkRequestedAddress(machine);
    const others = (await host.otherMachines()) as readonly unknown[] as readonly MachineAddress[];
    const { address, claim }: ClaimedAddress = await claimAddress(host, machine.data().Address, others);
    try {
      await machine.update(address);
      return claim;
    } catch (error) {
      await claim[Symbol.asyncDispose]();
      throw error;
    }
  });
}
