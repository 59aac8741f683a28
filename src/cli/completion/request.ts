import { parseShellLine } from './shell-line.ts';

/** What a shell wants to have completed. */
export interface Request {
  /** The words before the one at the cursor, without the program's name. */
  readonly before: readonly string[];
  /** The word at the cursor, up to the cursor. */
  readonly current: string;
  /** What of `current` the shell leaves as it is: it wants the rest of each candidate only. */
  readonly kept: string;
  /** Whether the shell itself leaves out what does not fit. */
  readonly narrows: boolean;
  /** Whether the shell shows more than the words. */
  readonly describes: boolean;
}

/**
 * Reads what follows `__complete`. bash sends its line up to the cursor and COMP_WORDBREAKS; the others send words, of which
 * the last one is at the cursor. Those of PowerShell begin with `=`, because older ones drop an empty word.
 */
export function parseRequest(words: readonly string[]): Request {
  const [shell, ...rest] = words;
  if (shell === 'bash') {
    const { words: typed, kept } = parseShellLine(rest[0] ?? '', rest[1] ?? '');
    return { ...parseWords(typed.slice(1)), kept, narrows: false, describes: false };
  }
  if (shell === 'powershell')
    return { ...parseWords(rest.map((word) => word.slice(1))), kept: '', narrows: false, describes: true };
  return { ...parseWords(rest), kept: '', narrows: true, describes: true };
}

function parseWords(words: readonly string[]): Pick<Request, 'before' | 'current'> {
  return { before: words.slice(0, -1), current: words.at(-1) ?? '' };
}
