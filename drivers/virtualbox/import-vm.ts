import { join } from 'node:path';
import { exitCodes, TmachineError } from 'tmachine/driver';
import { planShowVm } from './commands.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { parseVmInfo, type VmInfo } from './parse-vm-info.ts';

/** What the boot2docker program of old named its key. */
const keyName = 'id_boot2docker';

/** What is taken over from a VM that the boot2docker program made. */
interface ImportSource {
  readonly info: VmInfo;
  readonly diskPath: string;
  readonly keyPath: string;
  readonly key: string;
}

/**
 * Whether the VM named by `--virtualbox-import-boot2docker-vm` can be imported.
 *
 * @throws TmachineError `VIRTUALBOX_IMPORT_FAILED` with exit code 3.
 */
export async function checkImport(machine: VirtualBoxMachine): Promise<void> {
  if (machine.data().Boot2DockerImportVM !== '') await readSource(machine);
}

/** Copies disk, memory size, processors and SSH key of the VM; the VM itself stays as it is. */
export async function importVm(machine: VirtualBoxMachine): Promise<void> {
  const { host, files } = machine;
  const { info, diskPath, key, keyPath } = await readSource(machine);
  await machine.update({
    CPU: info.cpuCount ?? machine.data().CPU,
    Memory: info.memoryMb ?? machine.data().Memory,
  });
  await host.files.write(machine.data().SSHKeyPath, key, 0o600);
  const publicKey = await host.files.readText(`${keyPath}.pub`);
  if (publicKey !== undefined) await host.files.write(`${machine.data().SSHKeyPath}.pub`, publicKey, 0o600);
  const vboxManage = await machine.vboxManage();
  const target = await vboxManage.toProgramPath(files.disk);
  await vboxManage.run({
    args: ['clonemedium', 'disk', diskPath, target, '--format', 'VMDK'],
    timeoutMs: machine.limits.copyMs,
  });
}

async function readSource(machine: VirtualBoxMachine): Promise<ImportSource> {
  const { host } = machine;
  const name = machine.data().Boot2DockerImportVM;
  const home = host.env['HOME'] ?? host.env['USERPROFILE'] ?? '';
  const keyPath = join(home, '.ssh', keyName);
  const key = await host.files.readText(keyPath);
  if (key === undefined) throw failed(name, `its SSH key "${keyPath}" is missing`);
  const vboxManage = await machine.vboxManage();
  const info = parseVmInfo(await vboxManage.run(planShowVm(name)));
  const off = info.state === 'poweroff' || info.state === 'aborted';
  if (!off) throw failed(name, `it is not powered off but ${info.state}`, 'power it off first');
  const disk = info.media.find(({ path }) => /\.(vmdk|vdi|vhd|hdd)$/i.test(path));
  if (disk === undefined) throw failed(name, 'it has no disk');
  return { info, diskPath: disk.path, keyPath, key };
}

function failed(name: string, reason: string, hint?: string): TmachineError {
  return new TmachineError(`Cannot import the VM "${name}": ${reason}`, {
    code: 'VIRTUALBOX_IMPORT_FAILED',
    exitCode: exitCodes.preflight,
    hint: hint ?? 'create the machine without --virtualbox-import-boot2docker-vm',
  });
}
