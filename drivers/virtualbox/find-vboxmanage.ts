import { type ComputerFacts, exitCodes, type Host, TmachineError } from 'tmachine/driver';
import { parseRegistryValue } from './parse-registry-value.ts';
import { isWsl } from './wsl-path.ts';

/** Where VirtualBox's installers put VBoxManage without changing PATH. */
const usualFolders: { readonly [P in NodeJS.Platform]?: readonly string[] } = {
  linux: ['/usr/bin', '/usr/local/bin', '/usr/lib/virtualbox', '/usr/lib64/virtualbox', '/opt/VirtualBox'],
  darwin: ['/usr/local/bin', '/Applications/VirtualBox.app/Contents/MacOS', '/opt/homebrew/bin'],
  win32: ['C:\\Program Files\\Oracle\\VirtualBox', 'C:\\Program Files (x86)\\Oracle\\VirtualBox'],
  freebsd: ['/usr/local/bin'],
};

const windowsFoldersUnderWsl = ['/mnt/c/Program Files/Oracle/VirtualBox', '/c/Program Files/Oracle/VirtualBox'];

const installHints: { readonly [P in NodeJS.Platform]?: string } = {
  linux:
    'install it: apt install virtualbox (Debian sid, Ubuntu), dnf install VirtualBox (Fedora with RPM Fusion), pacman -S virtualbox (Arch), zypper install virtualbox (SUSE), or a package from virtualbox.org',
  darwin: 'install it: brew install --cask virtualbox, or the package from virtualbox.org',
  win32: 'install it: winget install Oracle.VirtualBox, then open a new terminal',
};

/**
 * The path of VBoxManage: on PATH, where VirtualBox's variables say (Windows), or in its usual folders. Under WSL, the one of Windows
 * comes first, because a VirtualBox inside WSL cannot run machines.
 */
export async function locateVBoxManage(computer: ComputerFacts): Promise<string | undefined> {
  const { env, platform } = computer;
  if (isWsl(platform, env)) {
    const found = await computer.findProgram('VBoxManage.exe', windowsFoldersUnderWsl);
    if (found !== undefined) return found;
  }
  const named = ['VBOX_MSI_INSTALL_PATH', 'VBOX_INSTALL_PATH', 'VBOX_APP_HOME'].map((name) => env[name]);
  const installed = ['ProgramW6432', 'ProgramFiles'].map((name) => env[name] && `${env[name]}\\Oracle\\VirtualBox`);
  const folders = platform === 'win32' ? [...named, ...installed] : named.slice(1);
  const known = folders.filter((folder) => folder !== undefined && folder !== '');
  return await computer.findProgram('VBoxManage', [...known, ...(usualFolders[platform] ?? [])] as readonly string[]);
}

/**
 * The path of VBoxManage, looked for in the registry of Windows, too.
 *
 * @throws TmachineError `VBOXMANAGE_NOT_FOUND`, exit code 3, saying how VirtualBox is installed here.
 */
export async function findVBoxManage(host: Host): Promise<string> {
  const found = (await locateVBoxManage(host)) ?? (await findByRegistry(host));
  if (found !== undefined) return found;
  throw new TmachineError('Cannot find VBoxManage: VirtualBox is not installed, or not where it usually is', {
    code: 'VBOXMANAGE_NOT_FOUND',
    exitCode: exitCodes.preflight,
    hint: isWsl(host.platform, host.env)
      ? 'install VirtualBox in Windows: winget.exe install Oracle.VirtualBox'
      : `${installHints[host.platform] ?? 'install it'}; if it is elsewhere, add its folder to PATH`,
  });
}

/** The installer's key; `/reg:64` because a 32-bit Node would be shown another part of the registry. */
const registryQuery = ['query', 'HKLM\\SOFTWARE\\Oracle\\VirtualBox', '/v', 'InstallDir', '/reg:64'];

async function findByRegistry(host: Host): Promise<string | undefined> {
  const program = host.platform === 'win32' ? await host.findProgram('reg') : undefined;
  if (program === undefined) return undefined;
  const answer = await host.run({ program, args: registryQuery, timeoutMs: 10_000 });
  const folder = parseRegistryValue(answer.stdout, 'InstallDir');
  return folder === undefined ? undefined : await host.findProgram('VBoxManage', [folder]);
}
