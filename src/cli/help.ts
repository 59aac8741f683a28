import type { ArgumentSpec, Command, CommandFlag, CommandFlags } from './command.ts';
import type { CommandEntry } from './commands/index.ts';
import { globalFlags, helpFlag, versionFlag } from './options.ts';

/** The help of the program as a whole. */
export function formatHelp(commands: readonly CommandEntry[]): string {
  const rows = commands.map(({ name, aliases = [], summary }) => [[name, ...aliases].join(', '), summary] as const);
  return [
    'Usage: tmachine [options] command [arguments]',
    '',
    'Docker hosts in one command: makes virtual machines that run the Docker Engine, and looks after them.',
    '',
    'Commands:',
    ...formatRows([...rows, ['help', 'Explain a command']]),
    '',
    'Options:',
    ...formatFlags({ ...globalFlags, ...helpFlag, ...versionFlag }),
    '',
    'See "tmachine help COMMAND" for a command. A first machine: tmachine create myhost',
    '',
  ].join('\n');
}

/** The help of one command; `more` are the flags that depend on what was typed. */
export function formatCommandHelp(command: Command, more: CommandFlags): string {
  const { name, summary, description, aliases = [], arguments: args } = command;
  const usage = ['tmachine', name, '[options]', ...args.map(formatArgument)].join(' ');
  const options = { ...command.flags, ...helpFlag };
  return [
    `Usage: ${usage}`,
    '',
    summary,
    ...(description === undefined ? [] : ['', description]),
    ...(aliases.length === 0 ? [] : ['', `Also: ${aliases.join(', ')}`]),
    '',
    'Options:',
    ...formatFlags(options),
    ...(Object.keys(more).length === 0 ? [] : ['', 'Options of the driver:', ...formatFlags(more)]),
    '',
  ].join('\n');
}

function formatArgument(spec: ArgumentSpec): string {
  const name = spec.repeatable ? `${spec.name}...` : spec.name;
  return spec.optional ? `[${name}]` : name;
}

function formatFlags(flags: CommandFlags): readonly string[] {
  return formatRows(Object.entries(flags).map(([name, flag]) => [formatFlag(name, flag), formatSummary(flag)]));
}

function formatFlag(name: string, flag: CommandFlag): string {
  const value = { boolean: '', integer: ' NUMBER', string: ' TEXT', list: ' TEXT...' }[flag.type];
  return `${flag.short === undefined ? '    ' : `-${flag.short}, `}--${name}${value}`;
}

function formatSummary(flag: CommandFlag): string {
  const standard = 'default' in flag ? String(flag.default) : '';
  const choices = 'choices' in flag && flag.choices !== undefined ? ` (${flag.choices.join(', ')})` : '';
  const fallback = standard === '' ? '' : ` (default: ${standard})`;
  return `${flag.summary}${choices}${fallback}${flag.env === undefined ? '' : ` [$${flag.env}]`}`;
}

/** Two columns; a first column that is too wide pushes its row's second one to the right. */
function formatRows(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.min(36, Math.max(...rows.map(([first]) => first.length)));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}
