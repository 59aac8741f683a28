/** A word that may stand at the cursor. */
export interface Candidate {
  readonly value: string;
  /** One line of ASCII. */
  readonly summary: string;
}

/** What may stand at the cursor; the shell itself lists files and folders. */
export interface Answer {
  readonly candidates: readonly Candidate[];
  readonly paths: '' | 'files' | 'folders';
}

/** Nothing we know of. */
export const noAnswer: Answer = { candidates: [], paths: '' };

/** An answer that is words alone. */
export function planWords(words: readonly string[], summary: string): Answer {
  return { candidates: words.map((value) => ({ value, summary })), paths: '' };
}

/** The answer with `prefix` before each word, such as `--driver=`. */
export function planPrefixed(answer: Answer, prefix: string): Answer {
  return { ...answer, candidates: answer.candidates.map((each) => ({ ...each, value: prefix + each.value })) };
}

/** One `VALUE<TAB>SUMMARY` a line; the last line is a colon and the kind of paths to add. */
export function formatAnswer({ candidates, paths }: Answer): string {
  return [...candidates.map(({ value, summary }) => `${value}\t${summary}\n`), `:${paths}\n`].join('');
}
