import { relative } from 'node:path';
import { TmachineError } from 'tmachine/driver';
import type { VirtualBoxMachine } from './machine.ts';
import { findSshPort, planSshRule } from './nat-port.ts';
import { mendNetwork, nicArgs } from './network.ts';
import type { VmInfo } from './parse-vm-info.ts';

/** Brings a VM that is off into a state in which it can start: its files, its SSH port and its place on the network. */
export async function prepareStart(machine: VirtualBoxMachine, info: VmInfo): Promise<void> {
  await mendFiles(machine, info);
  const card = info.nics.find(({ number }) => number === 2);
  if (machine.data().HostOnlyMAC === '' && card !== undefined) machine.learn({ HostOnlyMAC: card.macAddress });
  const isSaved = info.state === 'saved' || info.state === 'aborted-saved';
  const { network, isAttached } = await mendNetwork(machine, info);
  // A saved machine goes on with the cards it had.
  const attach = isAttached || isSaved ? [] : nicArgs(network);
  const settings = [...(await planPort(machine, info)), ...attach];
  if (settings.length === 0) return;
  const vboxManage = await machine.vboxManage();
  await vboxManage.run({ args: ['modifyvm', machine.vm(), ...settings] });
}

/** The words that give the VM an SSH port on which nobody listens; none when the one it has will do. */
async function planPort(machine: VirtualBoxMachine, info: VmInfo): Promise<readonly string[]> {
  const { host } = machine;
  const rule = info.natRules.find(({ name }) => name === 'ssh');
  const wanted = machine.data().SSHPort || (rule?.hostPort ?? 0);
  const isFree = wanted !== 0 && (await host.network.isPortFree('127.0.0.1', wanted));
  const port = isFree ? wanted : await findSshPort(machine);
  if (port !== machine.data().SSHPort) await machine.update({ SSHPort: port });
  if (rule?.hostPort === port && rule.hostAddress === '127.0.0.1' && rule.guestPort === 22) return [];
  return planSshRule(port, rule !== undefined);
}

/** The boot image is ours to replace; a disk is not. */
async function mendFiles(machine: VirtualBoxMachine, info: VmInfo): Promise<void> {
  const { host, files, name } = machine;
  const vboxManage = await machine.vboxManage();
  const used = await Promise.all(info.media.map(async ({ path }) => await vboxManage.toHostPath(path)));
  const lacks = async (file: string): Promise<boolean> =>
    used.some((path) => relative(file, path) === '') && !(await host.files.exists(file));
  if (await lacks(files.disk))
    throw new TmachineError(`Cannot start "${name}": "${files.disk}" is missing`, {
      code: 'VIRTUALBOX_FILE_MISSING',
      hint: `remove the machine with \`tmachine rm ${name}\` and create it again`,
    });
  if (!(await lacks(files.image))) return;
  host.emit({ type: 'notice', level: 'warning', text: `"${files.image}" is missing: putting it back` });
  const url = machine.data().Boot2DockerURL;
  const image = await host.bootImage(url === '' ? undefined : url);
  await host.files.linkOrCopy(image.path, files.image);
}
