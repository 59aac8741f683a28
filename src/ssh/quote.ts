import { TmachineError } from '../errors/tmachine-error.ts';

/**
 * One word that a POSIX shell reads back as exactly this text.
 *
 * @throws TmachineError `UNQUOTABLE_WORD` for a NUL character, which no shell can hold.
 */
export function quoteWord(word: string): string {
  if (word.includes('\0'))
    throw new TmachineError('Cannot pass a word to the guest: it holds a NUL character', { code: 'UNQUOTABLE_WORD' });
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * An argument vector as one command line for a POSIX shell.
 *
 * @throws TmachineError `UNQUOTABLE_WORD`, see `quoteWord`.
 */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}

/**
 * What `ssh NAME WORD...` runs: the words joined by single spaces and left to the guest's shell, as docker-machine
 * and OpenSSH do, so that quoting is the user's. Nothing when there are no words, which means a login shell.
 */
export function joinUserCommand(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(' ');
}
