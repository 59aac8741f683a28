/** A program call as data. `input` goes to standard input; a missing `timeoutMs` means no limit. */
export interface CommandSpec {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  readonly input?: string | Uint8Array | undefined;
  readonly timeoutMs?: number | undefined;
  /** How both outputs become text; UTF-8 unless told otherwise. `latin1` makes each byte one character. */
  readonly encoding?: 'utf8' | 'latin1' | undefined;
}

/** A command as one line that a person can paste into a POSIX shell. */
export function formatCommandLine(command: Pick<CommandSpec, 'program' | 'args'>): string {
  return [command.program, ...command.args].map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
