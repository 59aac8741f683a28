import { isAbsolute, join, relative } from 'node:path';
import { attempt } from './attempt.ts';
import { listVmStates, planShowVm } from './commands.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { parseVmInfo, type VmInfo } from './parse-vm-info.ts';
import { parseLongVmList } from './parse-vm-list.ts';

/**
 * The VM of this machine; nothing when VirtualBox does not know it any more. A VM of docker-machine's is recognised by
 * its files, because another one may have its name, and its identity is remembered from then on.
 */
export async function findVm(machine: VirtualBoxMachine): Promise<VmInfo | undefined> {
  const identity = machine.data().VMID || identityIn(await readSettings(machine));
  const found = identity === '' ? await searchVm(machine) : await showVm(machine, identity);
  if (found !== undefined && machine.data().VMID === '') machine.learn({ VMID: found.uuid });
  return found;
}

async function showVm(machine: VirtualBoxMachine, identity: string): Promise<VmInfo | undefined> {
  const answer = await attempt(machine, planShowVm(identity), ['VBOX_VM_NOT_FOUND', 'VBOX_VM_INACCESSIBLE']);
  if ('output' in answer) return parseVmInfo(answer.output);
  if (answer.refusal === 'VBOX_VM_NOT_FOUND') return undefined;
  return { ...parseVmInfo(''), uuid: identity, state: 'inaccessible' };
}

/** The VM's settings file, which costs no call to read; empty when it is not where it was made. */
export async function readSettings({ host, name }: VirtualBoxMachine): Promise<string> {
  return (await host.files.readText(join(host.directory, name, `${name}.vbox`))) ?? '';
}

/** The VM's identity in the text of its settings file, else nothing. */
export function identityIn(settings: string): string {
  return /<Machine\s[^>]*?uuid="\{([\da-f-]{36})\}"/i.exec(settings)?.[1] ?? '';
}

/** One that was renamed still has its settings in our folder; one that was moved away still has its disk there. */
async function searchVm(machine: VirtualBoxMachine): Promise<VmInfo | undefined> {
  const vboxManage = await machine.vboxManage();
  const vms = parseLongVmList(await vboxManage.run(listVmStates));
  const ours = await Promise.all(vms.map(async ({ configFile }) => await isInFolder(machine, configFile)));
  const candidate = vms.find((_, index) => ours[index]) ?? vms.find(({ name }) => name === machine.name);
  if (candidate === undefined) return undefined;
  const info = await showVm(machine, candidate.uuid);
  if (info === undefined) return undefined;
  const paths = [info.configFile, ...info.media.map(({ path }) => path)];
  const isOurs = await Promise.all(paths.map(async (path) => await isInFolder(machine, path)));
  return isOurs.includes(true) ? info : undefined;
}

/** Whether a path of VirtualBox's lies in the machine's own folder. */
export async function isInFolder(machine: VirtualBoxMachine, path: string | undefined): Promise<boolean> {
  if (path === undefined) return false;
  const vboxManage = await machine.vboxManage();
  const way = relative(machine.host.directory, await vboxManage.toHostPath(path));
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
