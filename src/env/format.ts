import { requireExpressible, requireShort, type Shell, type ShellSyntax, shells } from './shells.ts';
import type { Assignment } from './variables.ts';

/** The command that produced the assignments, so that the hint can repeat it. */
export interface FormatOptions {
  readonly shell: Shell;
  /** argv: the program as the user may type it, then its arguments. */
  readonly commandLine: readonly string[];
  /** The value of Windows' USERPROFILE. */
  readonly userProfile?: string | undefined;
}

/**
 * Assignments as text for a shell to evaluate, ending with the two lines that say how.
 *
 * @throws TmachineError `VALUE_NOT_EXPRESSIBLE` rather than a line the shell would misread.
 */
export function formatAssignments(assignments: readonly Assignment[], options: FormatOptions): string {
  const syntax = shells[options.shell];
  const lines = assignments.map(({ name, value }, index) => {
    if (value !== undefined) requireExpressible(name, value);
    const line = value === undefined ? syntax.unset(name) : syntax.set(name, value, options.userProfile ?? '');
    requireShort(name, line, options.shell);
    const next = assignments[index + 1];
    const isSwitch = next !== undefined && (next.value === undefined) !== (value === undefined);
    return isSwitch ? `${line}${syntax.separator}` : line;
  });
  return [...lines, ...formatHint(syntax, options.commandLine)].map((line) => `${line}\n`).join('');
}

function formatHint(syntax: ShellSyntax, commandLine: readonly string[]): readonly string[] {
  return [
    `${syntax.comment}Run this command to configure your shell: `,
    `${syntax.comment}${syntax.evaluate(quoteWords(syntax, commandLine))}`,
  ];
}

/** What to type in a shell to evaluate the output of a command, given as the words of its argv. */
export function formatEvaluation(shell: Shell, commandLine: readonly string[]): string {
  return shells[shell].evaluate(quoteWords(shells[shell], commandLine));
}

/** What to type in a shell to run a command, given as the words of its argv. */
export function formatCall(shell: Shell, commandLine: readonly string[]): string {
  const words = quoteWords(shells[shell], commandLine).join(' ');
  return shell === 'powershell' && words.startsWith('"') ? `& ${words}` : words;
}

function quoteWords(syntax: ShellSyntax, words: readonly string[]): readonly string[] {
  return words.map((word) => {
    requireExpressible('the command line', word);
    return isPlain(word) ? word : syntax.quoteWord(word);
  });
}

/** docker-machine quotes a program with blanks or backslashes; no shell minds what is left here. */
function isPlain(word: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(word);
}
