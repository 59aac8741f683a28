import { exitCodes, TmachineError } from 'tmachine/driver';
import { checkHardware } from './hardware.ts';
import { checkImport } from './import-vm.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { checkNetwork } from './network.ts';
import { parseVmList } from './parse-vm-list.ts';
import { checkShares } from './shares.ts';

/**
 * Whether this computer can run the machine, before anything of it exists: one call of VBoxManage.
 *
 * @throws TmachineError with exit code 3.
 */
export async function preflightVirtualBox(machine: VirtualBoxMachine): Promise<void> {
  const vboxManage = await machine.vboxManage();
  await checkShares(machine);
  const { sections } = await checkNetwork(machine);
  refuseSameName(machine.name, sections.get('vms') ?? '');
  if (!machine.data().NoVTXCheck) await checkHardware(machine.host, sections.get('hostinfo') ?? '', vboxManage);
  await checkImport(machine);
}

/** VirtualBox allows two VMs of one name in different folders, but docker-machine and people could not tell them apart. */
function refuseSameName(name: string, vms: string): void {
  const other = parseVmList(vms).find((vm) => vm.name === name);
  if (other === undefined) return;
  throw new TmachineError(`VirtualBox already has a VM named "${name}" (${other.uuid}), which is not ours`, {
    code: 'VIRTUALBOX_NAME_TAKEN',
    exitCode: exitCodes.preflight,
    hint: 'choose another name, or rename or remove that VM in VirtualBox',
  });
}
