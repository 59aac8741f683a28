import { exitCodes, type Host, TmachineError } from 'tmachine/driver';

/**
 * The path of VBoxManage.
 *
 * @throws TmachineError `VBOXMANAGE_NOT_FOUND`, exit code 3, saying how VirtualBox is installed here.
 */
export async function findVBoxManage(host: Host): Promise<string> {
  const found = await host.findProgram('VBoxManage');
  if (found !== undefined) return found;
  throw new TmachineError('Cannot find VBoxManage: VirtualBox is not installed, or its folder is not on PATH', {
    code: 'VBOXMANAGE_NOT_FOUND',
    exitCode: exitCodes.preflight,
    hint: 'install VirtualBox',
  });
}
