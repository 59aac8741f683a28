import { join } from 'node:path';
import { endVm } from './end-vm.ts';
import { findVm } from './find-vm.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { releaseLease } from './network.ts';
import { planState } from './state.ts';

/** Removes the VM with all its files, whatever there is of it. A VM of the same name that is not ours stays. */
export async function removeVirtualBox(machine: VirtualBoxMachine): Promise<void> {
  const { host, files, name } = machine;
  const info = await findVm(machine);
  if (info !== undefined) {
    if (planState(info.state) !== 'Saved') await endVm(machine, info);
    // Of a VM whose settings cannot be read VirtualBox deletes nothing.
    const isReadable = info.state !== 'inaccessible';
    const vboxManage = await machine.vboxManage();
    await vboxManage.run({ args: ['unregistervm', machine.vm(), ...(isReadable ? ['--delete'] : [])] });
  }
  await releaseLease(machine);
  for (const path of Object.values(files)) await host.files.remove(path);
  await host.files.removeFolder(join(host.directory, name));
}
