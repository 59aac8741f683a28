import { TmachineError } from 'tmachine/driver';
import { type GenericMachine, sshTarget } from './driver.ts';
import { keyFilePath, readKeyFile } from './key-file.ts';

const timeoutMs = 30_000;

/**
 * Logs in once, and asks for what provisioning needs: a Linux, and the rights of root.
 *
 * @throws TmachineError `GENERIC_KEY_UNUSABLE`, `GENERIC_NO_ROOT`, `GENERIC_NO_LINUX`, or what is wrong with SSH.
 */
export async function preflightGeneric({ host, data }: GenericMachine): Promise<void> {
  if (data.SSHKey !== '') await readKeyFile(data.SSHKey, host);
  const target = { ...sshTarget(data), identityFile: data.SSHKey === '' ? '' : keyFilePath(data.SSHKey, host) };
  const where = `${target.user}@${target.host}`;
  const { exitCode, stdout, stderr } = await host.runOverSsh(target, question, timeoutMs);
  const system = firstLine(stdout);
  if (system !== 'Linux')
    throw new TmachineError(`${where} is no Linux: ${system || firstLine(stderr) || 'it does not say what it is'}`, {
      code: 'GENERIC_NO_LINUX',
    });
  if (exitCode === 0) return;
  throw new TmachineError(`${where} cannot become root: ${firstLine(stderr) || 'sudo gave no reason'}`, {
    code: 'GENERIC_NO_ROOT',
    hint: `allow it on that host: echo '${target.user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/${target.user}`,
  });
}

const question = 'uname -s; [ "$(id -u)" -eq 0 ] || sudo -n true';

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
