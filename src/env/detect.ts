import { knownShell, type Shell } from './shells.ts';

/** What tells which shell will read our output. */
export interface ShellClues {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of the processes above us, nearest first, such as `node`, `bash`, `sshd`; empty where unknown. */
  readonly parents: readonly string[];
}

/**
 * The shell that asks. The nearest shell among our parents knows best: variables are inherited through shells that did
 * not set them. A shell that Emacs started only to run us counts as Emacs.
 */
export function detectShell({ platform, env, parents }: ShellClues): Shell {
  const known = parents
    .filter((_, index) => !isPackageRunner(parents[index + 1]))
    .map(knownShell)
    .filter(isKnown);
  const isForEmacs = known[0] === 'posix' && known[1] === 'emacs' && env['INSIDE_EMACS'] === undefined;
  if (isForEmacs) return 'emacs';
  if (known[0] !== undefined) return known[0];
  return platform === 'win32' ? detectOnWindows(env) : detectOnUnix(env);
}

/** npm and its like run programs through a shell of their own, which reads nothing of what we print. */
function isPackageRunner(program: string | undefined): boolean {
  return /^(npm|npx|pnpm|yarn|bun)\b/i.test(program ?? '');
}

function isKnown(shell: Shell | undefined): shell is Shell {
  return shell !== undefined;
}

function detectOnUnix(env: ShellClues['env']): Shell {
  // PowerShell sets this in itself and its children; no login shell does.
  if (isSet(env['PSModulePath']) && isSet(env['POWERSHELL_DISTRIBUTION_CHANNEL'])) return 'powershell';
  if (isSet(env['FISH_VERSION'])) return 'fish';
  return knownShell(env['SHELL'] ?? '') ?? 'posix';
}

/**
 * Windows names a process's parents only through a PowerShell of half a second, so its environment has to tell. cmd
 * started in PowerShell looks like a `.cmd` file started by PowerShell, and counts as the latter.
 */
function detectOnWindows(env: ShellClues['env']): Shell {
  // bash writes here what it starts: another shell, where that one asks.
  const startedByBash = knownShell(env['_'] ?? '');
  if (startedByBash !== undefined) return startedByBash;
  const fromShell = isSet(env['SHELL']) ? knownShell(env['SHELL']) : undefined;
  if (fromShell !== undefined) return fromShell;
  // MSYS2, Git Bash and Cygwin; or called from WSL.
  if ([env['MSYSTEM'], env['WSL_DISTRO_NAME']].some(isSet) || /^(msys|cygwin)/.test(env['OSTYPE'] ?? ''))
    return 'posix';
  // Every process of Windows has PSModulePath; only PowerShell puts the user's own folder into it.
  const modules = env['PSModulePath'] ?? '';
  if (/[\\/](Windows)?PowerShell[\\/]Modules/i.test(withoutMachineFolders(modules))) return 'powershell';
  return 'cmd';
}

function withoutMachineFolders(modules: string): string {
  return modules
    .split(';')
    .filter((folder) => !/[\\/](system32|Program Files( \(x86\))?)[\\/]/i.test(folder))
    .join(';');
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
