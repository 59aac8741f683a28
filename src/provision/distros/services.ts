import { quoteWord } from '../../ssh/quote.ts';
import { planArguments, planEnvironment } from '../engine-options.ts';
import type { GuestPlan } from '../plan.ts';
import { type RecipeStep, tailOfFirst } from '../recipe.ts';

/** How a system runs its daemons. Texts are POSIX shell. */
export interface ServiceManager {
  /** Fails, with a word why, where it does not run. */
  readonly check: string;
  /** Where the daemon's options are, and what must be so for them to count. */
  options(plan: GuestPlan): readonly RecipeStep[];
  /** Succeeds while the daemon runs. */
  readonly isActive: string;
  readonly enable: string;
  readonly restart: string;
  /** Prints the end of the daemon's log. */
  log(root: string): string;
}

const dropIn = '10-machine.conf';
const dropInFolder = '/etc/systemd/system/docker.service.d';

/** systemd.unit(5): drop-ins of all these folders count together, ordered by their names. */
const dropInFolders = [
  dropInFolder,
  '/run/systemd/system/docker.service.d',
  '/usr/lib/systemd/system/docker.service.d',
];

const systemd: ServiceManager = {
  check: `[ -d /run/systemd/system ] || { echo 'systemd does not run here' >&2; exit 1; }`,
  options: (plan) => {
    const { root = '' } = plan;
    return [
      { type: 'folder', path: `${root}${dropInFolder}` },
      { type: 'file', path: `${root}${dropInFolder}/${dropIn}`, content: formatDropIn(plan), mode: 0o644 },
      { type: 'command', summary: 'see that our drop-in counts', script: formatDropInCheck(root) },
    ];
  },
  isActive: 'systemctl -q is-active docker',
  enable: 'systemctl -q enable docker',
  restart: 'systemctl daemon-reload && systemctl restart docker',
  log: () => 'journalctl -u docker --no-pager -o cat -n 20',
};

const openrc: ServiceManager = {
  check: `command -v rc-service >/dev/null || { echo 'OpenRC does not run here' >&2; exit 1; }`,
  options: (plan) => [
    { type: 'file', path: `${plan.root ?? ''}/etc/conf.d/docker`, content: formatConfD(plan), mode: 0o644 },
  ],
  isActive: 'rc-service -q docker status',
  enable: 'rc-update -q add docker default',
  restart: 'rc-service docker restart',
  log: (root) => tailOfFirst([`${root}/var/log/docker.log`]),
};

/** The service managers of the distributions we know. */
export const serviceManagers: Readonly<Record<'systemd' | 'openrc', ServiceManager>> = { systemd, openrc };

/** docker-machine's drop-in, with the daemon where the distribution has it. Format: systemd.service(5). */
function formatDropIn(plan: GuestPlan): (string | { readonly outputOf: string })[] {
  // Only command lines have variables.
  const words = planArguments(plan).map((word) => quoteForSystemd(word).replaceAll('$', '$$$$'));
  const environment = planEnvironment(plan.options).map((value) => `Environment=${quoteForSystemd(value)}\n`);
  return [
    '[Service]\nExecStart=\nExecStart=',
    { outputOf: `printf %s "$(command -v dockerd)"` },
    ` ${words.join(' ')}\n${environment.join('')}`,
  ];
}

/** systemd unescapes as C does, replaces specifiers, and splits at spaces that are not quoted. */
function quoteForSystemd(word: string): string {
  const plain = word.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('%', '%%');
  return /[\s'"\\;]/.test(word) ? `"${plain}"` : plain;
}

/** Of several drop-ins that say how the daemon is started the last one wins, and a later name is a later one. */
function formatDropInCheck(root: string): string {
  const folders = dropInFolders.map((folder) => `${quoteWord(`${root}${folder}`)}/*.conf`).join(' ');
  return `for file in ${folders}; do
  name=\${file##*/}
  [ -f "$file" ] && [ "$name" != ${dropIn} ] && grep -q '^ExecStart=.' "$file" || continue
  last=$(printf '%s\\n' "$name" ${dropIn} | LC_ALL=C sort | tail -n 1)
  [ "$last" = ${dropIn} ] || { echo "$file starts the daemon in its own way, and comes after ours (${dropIn}): take its ExecStart out" >&2; exit 1; }
done`;
}

/** The service script evaluates the options as shell words. */
function formatConfD(plan: GuestPlan): string {
  const words = planArguments(plan).map(quoteWord).join(' ');
  const environment = planEnvironment(plan.options).map((value) => `export ${quoteWord(value)}\n`);
  return `DOCKER_OPTS=${quoteWord(words)}\n${environment.join('')}`;
}
