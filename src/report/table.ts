const minWidth = 5;
const padding = 3;

/**
 * Aligns rows as Go's `tabwriter.NewWriter(out, 5, 1, 3, ' ', 0)` does, which `docker-machine ls` uses: a column lasts over
 * adjacent rows that have it, the last cell of a row belongs to no column, and width is counted in code points.
 * Every row ends with a line feed.
 */
export function formatTable(rows: readonly (readonly string[])[]): string {
  return formatBlock(rows, [])
    .map((line) => `${line}\n`)
    .join('');
}

function formatBlock(rows: readonly (readonly string[])[], widths: readonly number[]): readonly string[] {
  const column = widths.length;
  const lines: string[] = [];
  for (let at = 0; at < rows.length; ) {
    const end = endOfColumn(rows, at, column);
    if (end === at) {
      lines.push(formatRow(rows[at] ?? [], widths));
      at += 1;
    } else {
      const block = rows.slice(at, end);
      const width = Math.max(minWidth, ...block.map((row) => widthOf(row[column] ?? '') + padding));
      lines.push(...formatBlock(block, [...widths, width]));
      at = end;
    }
  }
  return lines;
}

/** The first row from `start` on that does not have this column before its last cell. */
function endOfColumn(rows: readonly (readonly string[])[], start: number, column: number): number {
  let end = start;
  while (end < rows.length && column < (rows[end]?.length ?? 0) - 1) end += 1;
  return end;
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  return row.map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(cell)))).join('');
}

function widthOf(cell: string): number {
  return [...cell].length;
}
