/** Text as lines of at most so many columns; a word that is longer has a line of its own. */
export function wrapText(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** How wide text for this output may be: 80 where nobody says. */
export function columnsOf(output: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return output.isTTY === true && output.columns ? output.columns : 80;
}
