/** What a user sees of what is written to a terminal. */
interface Screen {
  readonly write: (text: string) => void;
  /** From the top, without empty lines at the end. */
  lines(): readonly string[];
}

const pieces = new RegExp(`${String.fromCharCode(27)}\\[(\\d*)([A-Za-z])|[\\s\\S]`, 'gu');

/** A terminal that knows line feeds, returns, "up" and "clear to the end", and complains about all else. */
export function createScreen(columns: number): Screen {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  const put = (character: string): void => {
    if (column === columns) down();
    const line = lines[row] ?? '';
    lines[row] = line.slice(0, column).padEnd(column) + character + line.slice(column + 1);
    column += 1;
  };
  const down = (): void => {
    row += 1;
    column = 0;
    lines[row] ??= '';
  };
  const obey = (letter: string, count: number): void => {
    if (letter === 'A') row = Math.max(0, row - count);
    else if (letter === 'J') lines.splice(row, lines.length, (lines[row] ?? '').slice(0, column));
    else throw new Error(`Unknown sequence ${letter}`);
  };
  return {
    write(text) {
      for (const [piece, count = '', letter] of text.matchAll(pieces)) {
        if (letter !== undefined) obey(letter, Number(count || 1));
        else if (piece === '\n') down();
        else if (piece === '\r') column = 0;
        else put(piece);
      }
    },
    lines: () =>
      lines
        .join('\n')
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd()),
  };
}
