import { exitCodes, TmachineError } from 'tmachine/driver';
import { listVmStates } from './commands.ts';
import { isInFolder } from './find-vm.ts';
import { checkHardware } from './hardware.ts';
import { checkImport } from './import-vm.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { checkNetwork } from './network.ts';
import { parseLongVmList, parseVmList } from './parse-vm-list.ts';
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
  await refuseOtherVm(machine, sections.get('vms') ?? '');
  if (!machine.data().NoVTXCheck) await checkHardware(machine.host, sections.get('hostinfo') ?? '', vboxManage);
  await checkImport(machine);
}

/**
 * VirtualBox allows two VMs of one name in different folders, but docker-machine and people could not tell them apart. One
 * whose settings cannot be read has no name any more; it is in our way when they were in the machine's folder.
 */
async function refuseOtherVm(machine: VirtualBoxMachine, vms: string): Promise<void> {
  const listed = parseVmList(vms);
  const sameName = listed.find((vm) => vm.name === machine.name);
  if (sameName !== undefined)
    throw nameTaken(machine, sameName.uuid, 'choose another name, or rename or remove that VM in VirtualBox');
  if (!listed.some(({ name }) => name.startsWith('<inaccessible'))) return;
  for (const vm of parseLongVmList(await (await machine.vboxManage()).run(listVmStates)))
    if (vm.state === 'inaccessible' && (await isInFolder(machine, vm.configFile)))
      throw nameTaken(machine, vm.uuid, `choose another name, or remove it: VBoxManage unregistervm ${vm.uuid}`);
}

function nameTaken({ name }: VirtualBoxMachine, identity: string, hint: string): TmachineError {
  return new TmachineError(`VirtualBox already has a VM named "${name}" (${identity}), which is not ours`, {
    code: 'VIRTUALBOX_NAME_TAKEN',
    exitCode: exitCodes.preflight,
    hint,
  });
}
