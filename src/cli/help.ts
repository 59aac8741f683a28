import type { ArgumentSpec, Command, CommandFlag, CommandFlags, FlagGroup } from './command.ts';
import type { CommandEntry } from './commands/index.ts';
import { globalFlags, helpFlag, versionFlag } from './options.ts';
import { wrapText } from './wrap-text.ts';

/** The help of the program as a whole, for a terminal of so many columns. */
export function formatHelp(commands: readonly CommandEntry[], columns: number): string {
  const rows = commands.map(({ name, aliases = [], summary }) => [[name, ...aliases].join(', '), summary] as const);
  return [
    'Usage: tmachine [options] command [arguments]',
    '',
    ...wrapText(programSummary, columns),
    '',
    'Commands:',
    ...formatRows(rows, columns),
    '',
    'Options:',
    ...formatFlags({ ...globalFlags, ...helpFlag, ...versionFlag }, columns),
    '',
    'A command: tmachine help COMMAND',
    'A first machine: tmachine create myhost',
    '',
  ].join('\n');
}

/** What tmachine is, in a sentence. */
export const programSummary =
  'Docker hosts in one command: makes virtual machines that run the Docker Engine, and looks after them.';

/** The help of one command; `groups` are the flags that depend on what was typed. */
export function formatCommandHelp(command: Command, groups: readonly FlagGroup[], columns: number): string {
  const { summary, description, aliases = [] } = command;
  const options = { ...command.flags, ...helpFlag };
  return [
    `Usage: tmachine ${formatUsage(command)}`,
    '',
    ...wrapText(summary, columns),
    ...(description === undefined ? [] : ['', ...formatDescription(description, columns)]),
    ...(aliases.length === 0 ? [] : ['', `Also: ${aliases.join(', ')}`]),
    '',
    'Options:',
    ...formatFlags(options, columns),
    ...groups.flatMap(({ title, flags }) => ['', ...wrapText(`${title}:`, columns), ...formatFlags(flags, columns)]),
    '',
  ].join('\n');
}

/** What to type for a command, without the program's name. */
export function formatUsage({ name, arguments: args }: Pick<Command, 'name' | 'arguments'>): string {
  return [name, '[options]', ...args.map(formatArgument)].join(' ');
}

/** A flag as it is typed: `-d, --driver TEXT`. */
export function formatFlag(name: string, flag: CommandFlag): string {
  const value = { boolean: '', integer: ' NUMBER', string: ' TEXT', list: ' TEXT...' }[flag.type];
  return `${flag.short === undefined ? '' : `-${flag.short}, `}--${name}${value}`;
}

/** What a flag does, with its choices, default and variable. */
export function formatFlagSummary(flag: CommandFlag): string {
  const standard = 'default' in flag ? String(flag.default) : '';
  const choices = 'choices' in flag && flag.choices !== undefined ? ` (${flag.choices.join(', ')})` : '';
  const fallback = standard === '' ? '' : ` (default: ${standard})`;
  return `${flag.summary}${choices}${fallback}${flag.env === undefined ? '' : ` [$${flag.env}]`}`;
}

function formatArgument(spec: ArgumentSpec): string {
  const name = spec.repeatable ? `${spec.name}...` : spec.name;
  return spec.optional ? `[${name}]` : name;
}

/** A line of a description with two columns of its own as these, the first one with its padding; else that is empty. */
export function parseColumns(line: string): readonly [string, string] {
  const [, head = '', text = line] = /^(\S.*? {2,})(?=\S)(.*)$/.exec(line) ?? [];
  return [head, text];
}

function formatDescription(description: string, columns: number): readonly string[] {
  return description.split('\n').flatMap((line) => {
    const [head, text] = parseColumns(line);
    if (columns - head.length < 20) return wrapText(line.trim().replace(/ +/g, ' '), columns);
    const lines = wrapText(text, columns - head.length);
    return lines.map((each, index) => (index === 0 ? head : ' '.repeat(head.length)) + each);
  });
}

function formatFlags(flags: CommandFlags, columns: number): readonly string[] {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const indent = flag.short === undefined ? '    ' : '';
    return [indent + formatFlag(name, flag), formatFlagSummary(flag)] as const;
  });
  return formatRows(rows, columns);
}

/** Two columns; the second one begins a line of its own where the first is too wide, or the terminal too narrow. */
function formatRows(rows: readonly (readonly [string, string])[], columns: number): readonly string[] {
  const isNarrow = columns < 60;
  const width = isNarrow ? 4 : Math.min(36, Math.max(...rows.map(([first]) => first.length)));
  const indent = ' '.repeat(width + 4);
  return rows.flatMap(([first, second]) => {
    const lines = wrapText(second, columns - indent.length).map((line) => indent + line);
    if (isNarrow || first.length > width) return [`  ${first}`, ...lines];
    return [`  ${first.padEnd(width)}  ${lines[0]?.trimStart() ?? ''}`.trimEnd(), ...lines.slice(1)];
  });
}
