import { requireExpressible, type Shell, type ShellSyntax, shells } from './shells.ts';
import type { Assignment } from './variables.ts';

/** The command that produced the assignments, so that the hint can repeat it. */
export interface FormatOptions {
  readonly shell: Shell;
  /** argv: the program as the user may type it, then its arguments. */
  readonly commandLine: readonly string[];
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
    const line = value === undefined ? syntax.unset(name) : syntax.set(name, value);
    const next = assignments[index + 1];
    const isSwitch = next !== undefined && (next.value === undefined) !== (value === undefined);
    return isSwitch ? `${line}${syntax.separator}` : line;
  });
  return [...lines, ...formatHint(syntax, options.commandLine)].map((line) => `${line}\n`).join('');
}

function formatHint(syntax: ShellSyntax, commandLine: readonly string[]): readonly string[] {
  const words = commandLine.map((word) => {
    requireExpressible('the command line', word);
    return isPlain(word) ? word : syntax.quoteWord(word);
  });
  return [`${syntax.comment}Run this command to configure your shell: `, `${syntax.comment}${syntax.evaluate(words)}`];
}

/** docker-machine quotes a program with blanks or backslashes; no shell minds what is left here. */
function isPlain(word: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(word);
}
