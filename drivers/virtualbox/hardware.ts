import { exitCodes, type Host, TmachineError } from 'tmachine/driver';
import type { VBoxManage } from './vboxmanage.ts';
import { isWsl } from './wsl-path.ts';

/** Why VirtualBox cannot run a VM here. */
interface Obstacle {
  readonly reason: string;
  readonly hint: string;
}

/**
 * Whether VirtualBox can run 64-bit guests on this computer. `hostInfo` is what `list hostinfo` prints.
 *
 * @throws TmachineError `HARDWARE_VIRTUALIZATION` with exit code 3.
 */
export async function checkHardware(
  host: Host,
  hostInfo: string,
  vboxManage: Pick<VBoxManage, 'version'>,
): Promise<void> {
  const obstacle = await findObstacle(host, hostInfo, vboxManage);
  if (obstacle === undefined) return;
  throw new TmachineError(`VirtualBox cannot run machines on this computer: ${obstacle.reason}`, {
    code: 'HARDWARE_VIRTUALIZATION',
    exitCode: exitCodes.preflight,
    hint: `${obstacle.hint}; --virtualbox-no-vtx-check skips this check`,
  });
}

async function findObstacle(
  host: Host,
  hostInfo: string,
  vboxManage: Pick<VBoxManage, 'version'>,
): Promise<Obstacle | undefined> {
  switch (host.platform) {
    case 'linux':
      return await findLinuxObstacle(host, hostInfo);
    case 'win32':
      return parseSupport(hostInfo) === 'no' ? await findWindowsObstacle(host, vboxManage) : undefined;
    case 'darwin':
      if (await isAppleSilicon(host)) return otherProcessor;
      return parseSupport(hostInfo) === 'no' ? switchedOff : undefined;
    default:
      return parseSupport(hostInfo) === 'no' ? switchedOff : undefined;
  }
}

/** A Node that is translated (Rosetta) would take the Mac for one with an Intel processor. */
async function isAppleSilicon(host: Host): Promise<boolean> {
  const program = await host.findProgram('sysctl', ['/usr/sbin']);
  if (program === undefined) return false;
  const { stdout } = await host.run({ program, args: ['-n', 'hw.optional.arm64'], timeoutMs: 10_000 });
  return stdout.trim() === '1';
}

const otherProcessor: Obstacle = {
  reason: 'on Apple silicon it runs ARM guests only, and the boot image is for x86-64',
  hint: 'make the machine with --driver qemu',
};

const switchedOff: Obstacle = {
  reason: 'hardware virtualization (VT-x, AMD-V) is off or missing',
  hint: "turn it on in the computer's firmware settings; a virtual machine needs nested virtualization from its own host",
};

/** `yes`, `no`, or nothing where this version does not say. */
export function parseSupport(hostInfo: string): string | undefined {
  return /^Processor supports HW virtualization: *(\w+)/m.exec(hostInfo)?.[1];
}

/** Under WSL VirtualBox is a Windows program, and Linux knows nothing of its driver. */
async function findLinuxObstacle(host: Host, hostInfo: string): Promise<Obstacle | undefined> {
  if (isWsl(host.platform, host.env)) return parseSupport(hostInfo) === 'no' ? switchedOff : undefined;
  const flags = parseCpuFlags((await host.files.readText('/proc/cpuinfo')) ?? '');
  if (!flags.has('vmx') && !flags.has('svm')) return switchedOff;
  if (await host.files.exists('/dev/vboxdrv')) return undefined;
  return parseSecureBoot((await host.files.readText(secureBootVariable)) ?? '') ? unsigned : notLoaded;
}

/** The processor's abilities, from Linux's `/proc/cpuinfo`. */
export function parseCpuFlags(cpuInfo: string): ReadonlySet<string> {
  return new Set(/^flags\s*:\s*(.*)$/m.exec(cpuInfo)?.[1]?.split(' ') ?? []);
}

/** The UEFI variable as Linux shows it: four bytes of attributes, then 1 when only signed code may be loaded. */
const secureBootVariable = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** Whether Secure Boot is on, from the content of its UEFI variable. */
export function parseSecureBoot(variable: string): boolean {
  return variable.length > 0 && variable.endsWith('\u0001');
}

const notLoaded: Obstacle = {
  reason: "VirtualBox's kernel module vboxdrv is not loaded",
  hint: 'load it with `sudo modprobe vboxdrv`, or build it with `sudo /sbin/vboxconfig` (the kernel headers must be installed)',
};

const unsigned: Obstacle = {
  reason: "VirtualBox's kernel module vboxdrv is not loaded, and Secure Boot allows signed modules only",
  hint: 'run `sudo /sbin/vboxconfig` and enroll the key it makes (`mokutil --import`), or turn Secure Boot off in the firmware settings',
};

/** While Hyper-V runs it hides the processor's abilities. VirtualBox can run on Hyper-V since 6.1, but slowly. */
async function findWindowsObstacle(host: Host, vboxManage: Pick<VBoxManage, 'version'>): Promise<Obstacle | undefined> {
  const powershell = await host.findProgram('powershell', [
    `${host.env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\WindowsPowerShell\\v1.0`,
  ]);
  if (powershell === undefined) return undefined;
  const question = '(Get-CimInstance Win32_ComputerSystem).HypervisorPresent';
  const args = ['-NoProfile', '-NonInteractive', '-Command', question];
  const { stdout } = await host.run({ program: powershell, args, timeoutMs: 30_000 });
  if (!/true/i.test(stdout)) return switchedOff;
  const { major, minor } = await vboxManage.version();
  if (major < 6 || (major === 6 && minor === 0)) return taken;
  host.emit({ type: 'notice', level: 'warning', text: hyperVNotice });
  return undefined;
}

const howToFree =
  'WSL 2, Windows Sandbox, Docker Desktop and "Core isolation" keep it on; `bcdedit /set hypervisorlaunchtype off` ' +
  "in an administrator's prompt and a restart turn it off";

const hyperVNotice = `Hyper-V is on, so VirtualBox runs machines through it, which is slow. ${howToFree}`;

const taken: Obstacle = { reason: 'Hyper-V is on, and VirtualBox can run beside it only since 6.1', hint: howToFree };
