import { userInfo } from 'node:os';
import { TmachineError } from '../errors/tmachine-error.ts';
import { type CommandSpec, formatCommandLine } from '../host/command-line.ts';
import { findProgram } from '../host/find-program.ts';
import { runAttached } from '../host/run-attached.ts';
import type { MachineContext } from './context.ts';

/** What decides how QEMU is installed here. */
export interface InstallFacts {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  /** Which of the programs we know are on PATH. */
  readonly programs: ReadonlySet<string>;
}

interface PackageManager {
  readonly program: string;
  readonly needsRoot: boolean;
  readonly calls: readonly (readonly string[])[];
}

const packageManagers: readonly PackageManager[] = [
  {
    program: 'apt-get',
    needsRoot: true,
    calls: [
      ['update', '-q'],
      ['install', '-y', '-q', '--no-install-recommends', 'qemu-system-x86'],
    ],
  },
  { program: 'dnf', needsRoot: true, calls: [['install', '-y', 'qemu-system-x86-core']] },
  { program: 'zypper', needsRoot: true, calls: [['--non-interactive', 'install', 'qemu-x86']] },
  { program: 'pacman', needsRoot: true, calls: [['-S', '--noconfirm', 'qemu-system-x86']] },
  { program: 'apk', needsRoot: true, calls: [['add', 'qemu-system-x86_64']] },
  { program: 'brew', needsRoot: false, calls: [['install', 'qemu']] },
  {
    program: 'winget',
    needsRoot: false,
    calls: [['install', '--exact', '--id', 'SoftwareFreedomConservancy.QEMU', '--accept-package-agreements']],
  },
];

/** The programs `planInstall` wants to know about. */
export const installerPrograms: readonly string[] = ['sudo', ...packageManagers.map(({ program }) => program)];

/** The calls that install QEMU here; none when that takes rights or tools this computer does not give us. */
export function planInstall(facts: InstallFacts): readonly CommandSpec[] {
  const manager = packageManagers.find(({ program }) => facts.programs.has(program));
  if (manager === undefined) return [];
  const bySudo = manager.needsRoot && !facts.isRoot;
  if (bySudo && !facts.programs.has('sudo')) return [];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return manager.calls.map((call) =>
    bySudo ? { program: 'sudo', args: [manager.program, ...call], env } : { program: manager.program, args: call, env },
  );
}

/**
 * Installs QEMU through the system's package manager, after saying what will be run.
 *
 * @throws TmachineError `INSTALL_IMPOSSIBLE` with what to do by hand, `INSTALL_FAILED`.
 */
export async function installHypervisor(context: MachineContext, say: (line: string) => void): Promise<void> {
  const { env, platform, signal } = context;
  const found = await Promise.all(installerPrograms.map((program) => findProgram(program, { env, platform })));
  const programs = new Set(installerPrograms.filter((_, index) => found[index] !== undefined));
  const calls = planInstall({ platform, isRoot: userInfo().uid === 0, programs });
  if (calls.length === 0)
    throw new TmachineError('There is no hypervisor, and no way to install one from here', {
      code: 'INSTALL_IMPOSSIBLE',
      hint: 'install QEMU (its program qemu-system-x86_64) or VirtualBox, then run this again',
    });
  say('There is no hypervisor on this computer. Installing QEMU with:');
  for (const call of calls) say(`  ${formatCommandLine(call)}`);
  for (const call of calls) {
    const status = await runAttached(call, { env, signal, answerToStderr: true });
    if (status !== 0)
      throw new TmachineError(`Cannot install QEMU: "${formatCommandLine(call)}" ended with status ${status}`, {
        code: 'INSTALL_FAILED',
        hint: 'install QEMU by hand, then run this again',
      });
  }
}
