import { join } from 'node:path';
import { type BootImage, type MakeSeed, step } from 'tmachine/driver';
import { bootVm } from './boot.ts';
import { makeDisk } from './disk.ts';
import { importVm } from './import-vm.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { findSshPort } from './nat-port.ts';
import { claimLease, guestCards, type HostOnlyNetwork, nicArgs, prepareNetwork } from './network.ts';
import { planCreateVm, planStorage, planVmSettings, type VmParts } from './plan-create.ts';
import { addMountPoint, addShares, sharesOf } from './shares.ts';

/** Makes the machine and starts it. */
export async function createVirtualBox(machine: VirtualBoxMachine, makeSeed: MakeSeed): Promise<void> {
  const { host, name } = machine;
  const network = await step(host.emit, 'network', 'Preparing the host-only network', () => claimPlace(machine));
  const parts = await planParts(machine, network);
  await step(host.emit, 'disk', 'Creating the virtual machine and its disk', async () => {
    const image = await putImage(machine);
    const isImport = machine.data().Boot2DockerImportVM !== '';
    if (isImport) await importVm(machine);
    await machine.update({ KeepsConsole: image.takesSeed });
    // Both have ended when this fails, so that cleaning up meets nobody who still writes.
    const [disk, vm] = await Promise.allSettled([isImport || putDisk(machine, makeSeed), makeVm(machine, parts)]);
    if (vm.status === 'rejected') throw vm.reason;
    if (disk.status === 'rejected') throw disk.reason;
    await runAll(machine, planStorage(machine.vm(), parts));
    await addShares(machine);
    if (!image.takesSeed) await addMountPoint(machine);
  });
  await step(host.emit, 'boot', 'Starting the virtual machine', () =>
    bootVm(machine, join(host.directory, name, 'Logs')),
  );
}

/** Address, SSH port and identity are stored before the lock is given back: from then on other creators see them. */
async function claimPlace(machine: VirtualBoxMachine): Promise<HostOnlyNetwork> {
  return await machine.host.withLock('virtualbox-network', async () => {
    await machine.update({ VMID: crypto.randomUUID(), SSHPort: await findSshPort(machine) });
    const prepared = await prepareNetwork(machine);
    await claimLease(machine, prepared);
    return prepared.network;
  });
}

async function planParts(machine: VirtualBoxMachine, network: HostOnlyNetwork): Promise<VmParts> {
  const { host, files } = machine;
  const vboxManage = await machine.vboxManage();
  return {
    baseFolder: await vboxManage.toProgramPath(host.directory),
    imagePath: await vboxManage.toProgramPath(files.image),
    diskPath: await vboxManage.toProgramPath(files.disk),
    consolePath: await vboxManage.toProgramPath(files.console),
    cpuCount: host.cpuCount,
    nicArgs: nicArgs(network),
  };
}

async function putImage({ host, files, data }: VirtualBoxMachine): Promise<BootImage> {
  const url = data().Boot2DockerURL;
  const image = await host.bootImage(url === '' ? undefined : url);
  await host.files.linkOrCopy(image.path, files.image);
  return image;
}

/** Our guest tries docker-machine's names without being told. */
const mountedAnyway: ReadonlySet<string> = new Set(['Users', 'c/Users', 'hosthome']);

async function putDisk(machine: VirtualBoxMachine, makeSeed: MakeSeed): Promise<void> {
  const shares = (await sharesOf(machine)).map(({ name }) => name).filter((name) => !mountedAnyway.has(name));
  await makeDisk(machine, await makeSeed([machine.data().IPAddress], { cards: guestCards(machine), shares }));
}

async function makeVm(machine: VirtualBoxMachine, parts: VmParts): Promise<void> {
  const { name, data } = machine;
  await runAll(machine, [planCreateVm(name, data().VMID, parts.baseFolder), planVmSettings(data(), parts)]);
}

async function runAll(machine: VirtualBoxMachine, calls: readonly (readonly string[])[]): Promise<void> {
  const vboxManage = await machine.vboxManage();
  for (const args of calls) await vboxManage.run({ args });
}
