import type { Output } from './reporter.ts';

/** Text on a terminal that is drawn again and again in its place. */
export interface LiveText {
  /** Draws in the place of what was drawn before: as much as the window shows. */
  draw(text: string): void;
  /** Leaves the terminal as it was. */
  clear(): void;
}

/** Nothing is drawn yet. */
export function createLiveText(screen: Output): LiveText {
  let drawn: readonly number[] = [];
  const write = (lines: readonly string[]): void => {
    const text = formatErase(drawn, screen.columns()) + lines.map((line) => `${line}\n`).join('');
    drawn = lines.map((line) => [...line].length);
    if (text !== '') screen.write(text);
  };
  return {
    draw: (text) => write(fitLines(text, screen.columns(), screen.rows())),
    clear: () => write([]),
  };
}

/** The lines of a text that fit into a window, each cut before the last column so that it never wraps. */
export function fitLines(text: string, columns: number, rows: number): readonly string[] {
  const lines = text
    .replace(/\n$/, '')
    .split('\n')
    .slice(0, Math.max(1, rows - 1));
  return lines.map((line) =>
    [...line]
      .slice(0, Math.max(1, columns - 1))
      .join('')
      .trimEnd(),
  );
}

/** Goes back to the first line drawn and clears from there; a window that was made narrower has wrapped them since. */
function formatErase(drawn: readonly number[], columns: number): string {
  const height = drawn.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / Math.max(1, columns))), 0);
  return height === 0 ? '' : `\r\u001b[${height}A\u001b[J`;
}
