import { exitCodes } from '../errors/exit-codes.ts';
import type { CommandFlag, CommandFlags } from './command.ts';
import { formatFlag, formatFlagSummary, formatUsage, parseColumns, programSummary } from './help.ts';
import type { HelpPage } from './load-help-pages.ts';
import { globalFlags, helpFlag, versionFlag } from './options.ts';
import { wrapText } from './wrap-text.ts';

/** Which edition of the manual this is. */
export interface ManualEdition {
  readonly version: string;
  readonly date: Date;
}

const statuses: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  failed: 'it failed, or the answer to a question was no',
  usage: 'the command line cannot be understood',
  preflight: 'a machine cannot be made on this computer as asked; nothing was begun',
  bug: 'a fault of tmachine; the report is in the folder logs of the storage path',
  interrupted: 'interrupted',
};

/** The manual page of the program with all its commands, in the man macros of roff; see man(7). */
export function formatManPage(pages: readonly HelpPage[], { version, date }: ManualEdition): string {
  return [
    `.TH TMACHINE 1 ${date.toISOString().slice(0, 10)} "tmachine ${toRoff(version)}"`,
    // Names of variables must not be hyphenated.
    '.nh',
    '.SH NAME',
    'tmachine \\- make and look after Docker hosts',
    '.SH SYNOPSIS',
    '.B tmachine',
    '[options] command [arguments]',
    '.SH DESCRIPTION',
    formatText(programSummary),
    '.SH OPTIONS',
    'These stand before or after the command.',
    ...formatFlags({ ...globalFlags, ...helpFlag, ...versionFlag }),
    '.SH COMMANDS',
    ...pages.flatMap(formatCommand),
    '.SH EXIT STATUS',
    ...Object.entries(statuses).flatMap(([name, meaning]) =>
      formatItem(String(exitCodes[name as keyof typeof exitCodes]), meaning),
    ),
    '.SH ENVIRONMENT',
    ...listVariables(pages).flatMap(([name, flag]) => formatItem(name, `sets \\-\\-${toRoff(flag)}`)),
    '.SH SEE ALSO',
    '.BR docker (1)',
    '',
  ].join('\n');
}

function formatCommand({ command, groups }: HelpPage): readonly string[] {
  const { summary, description, aliases = [], flags } = command;
  return [
    `.SS "tmachine ${toRoff(formatUsage(command)).replaceAll('"', '\\(dq')}"`,
    formatText(`${summary}.`),
    ...(description === undefined ? [] : formatDescription(description)),
    ...(aliases.length === 0 ? [] : ['.PP', formatText(`Also: ${aliases.join(', ')}`)]),
    ...formatFlags(flags),
    ...groups.flatMap(({ title, flags: more }) => ['.PP', formatText(`${title}:`), ...formatFlags(more)]),
  ];
}

function formatFlags(flags: CommandFlags): readonly string[] {
  return Object.entries(flags).flatMap(([name, flag]) =>
    formatItem(formatFlag(name, flag), toRoff(formatFlagSummary(flag))),
  );
}

function formatItem(tag: string, text: string): readonly string[] {
  return ['.TP', `.B ${toRoff(tag)}`, guard(text)];
}

function formatText(text: string): string {
  return guard(toRoff(text));
}

function formatDescription(description: string): readonly string[] {
  return description.split('\n').flatMap((line) => {
    const [head, text] = parseColumns(line);
    return head === '' ? ['.PP', formatText(text)] : formatItem(head.trim(), toRoff(text));
  });
}

/** A hyphen by itself is one for typography; an option needs the character that can be copied. */
function toRoff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}

/** Lines of a good length, because roff fills them anyway. One that began with a dot or a quote would be a request. */
function guard(text: string): string {
  return wrapText(text, 78)
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join('\n');
}

/** Each variable once, with the first flag that reads it. */
function listVariables(pages: readonly HelpPage[]): readonly (readonly [string, string])[] {
  const sets: readonly CommandFlags[] = [
    globalFlags,
    ...pages.flatMap(({ command, groups }) => [command.flags, ...groups.map((group) => group.flags)]),
  ];
  const found = new Map<string, string>();
  for (const [flag, { env }] of sets.flatMap((set) => Object.entries<CommandFlag>(set)))
    if (env !== undefined && !found.has(env)) found.set(env, flag);
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}
