/** A command line up to the cursor, taken apart as the shell would. */
export interface ShellLine {
  /** Without quotes; the last one is the one being typed, perhaps empty. */
  readonly words: readonly string[];
  /** What of the last word readline leaves alone: it replaces the text after a break character or an opening quote. */
  readonly kept: string;
}

interface Cursor {
  /** Undefined between words. */
  word: string | undefined;
  kept: string;
  quote: '' | '"' | "'";
}

/**
 * Splits a line as bash does (POSIX 2018, section 2.2), without expanding anything. `breaks` is COMP_WORDBREAKS: the
 * characters that begin a new word for readline even within a word of the shell, such as `=` and `:`.
 */
export function parseShellLine(line: string, breaks: string): ShellLine {
  const words: string[] = [];
  const at: Cursor = { word: undefined, kept: '', quote: '' };
  const characters = [...line];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? '';
    if (character === '\\' && at.quote !== "'") {
      index += 1;
      at.word = (at.word ?? '') + readEscaped(characters[index] ?? '', at.quote);
    } else if (at.quote === '' && /\s/.test(character)) {
      if (at.word !== undefined) words.push(at.word);
      Object.assign(at, { word: undefined, kept: '' });
    } else {
      readCharacter(character, at, breaks);
    }
  }
  return { words: [...words, at.word ?? ''], kept: at.kept };
}

function readCharacter(character: string, at: Cursor, breaks: string): void {
  if (character === at.quote) {
    at.quote = '';
  } else if (at.quote === '' && (character === '"' || character === "'")) {
    at.quote = character;
    at.word ??= '';
    at.kept = at.word;
  } else {
    at.word = (at.word ?? '') + character;
    if (at.quote === '' && breaks.includes(character)) at.kept = at.word;
  }
}

/** Within double quotes a backslash is itself before most characters. */
function readEscaped(character: string, quote: string): string {
  return quote === '"' && !/[\\"$`]/.test(character) ? `\\${character}` : character;
}
