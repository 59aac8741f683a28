import { exitCodes, TmachineError } from 'tmachine/driver';
import type { VirtualBoxMachine } from './machine.ts';
import { parseShareFolder, planHomeShare, type ShareFolder } from './share-folder.ts';
import { isWsl } from './wsl-path.ts';

/** The folders that the machine is to show: those asked for, else the home folders of this computer where it has them. */
export async function sharesOf(machine: VirtualBoxMachine): Promise<readonly ShareFolder[]> {
  const { host } = machine;
  const { NoShare, ShareFolders } = machine.data();
  if (NoShare) return [];
  if (ShareFolders.length > 0) return ShareFolders.map(parseShareFolder);
  const home = planHomeShare(isWsl(host.platform, host.env) ? 'wsl' : host.platform);
  return home !== undefined && (await host.files.isFolder(home.directory)) ? [home] : [];
}

/**
 * Refuses to share what is no folder.
 *
 * @throws TmachineError `VIRTUALBOX_SHARE_FAILED` with exit code 3.
 */
export async function checkShares(machine: VirtualBoxMachine): Promise<void> {
  for (const { directory } of await sharesOf(machine)) {
    if (await machine.host.files.isFolder(directory)) continue;
    throw new TmachineError(`Cannot share "${directory}": it is not a folder of this computer`, {
      code: 'VIRTUALBOX_SHARE_FAILED',
      exitCode: exitCodes.preflight,
      hint: 'make it first, or correct --virtualbox-share-folder',
    });
  }
}

/** Gives the VM its shared folders. Links inside them can be made from the guest, as docker-machine allows. */
export async function addShares(machine: VirtualBoxMachine): Promise<void> {
  const vboxManage = await machine.vboxManage();
  for (const { directory, name } of await sharesOf(machine)) {
    const path = await vboxManage.toProgramPath(directory);
    await vboxManage.run({
      args: ['sharedfolder', 'add', machine.vm(), '--name', name, '--hostpath', path, '--automount'],
    });
    const allowLinks = `VBoxInternal2/SharedFoldersEnableSymlinksCreate/${name}`;
    await vboxManage.run({ args: ['setextradata', machine.vm(), allowLinks, '1'] });
  }
}

/** Tells the guest additions of a genuine boot2docker to mount shared folders at `/NAME`. Our guest does so anyway. */
export async function addMountPoint(machine: VirtualBoxMachine): Promise<void> {
  const vboxManage = await machine.vboxManage();
  if ((await sharesOf(machine)).length === 0) return;
  for (const property of ['MountPrefix', 'MountDir'])
    await vboxManage.run({
      args: ['guestproperty', 'set', machine.vm(), `/VirtualBox/GuestAdd/SharedFolders/${property}`, '/'],
    });
}
