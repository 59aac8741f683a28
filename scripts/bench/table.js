// Turns rows into text.

/** A row: what was measured, in which unit, and whether it is at most its target. */
export function atMost(what, { target, measured, unit, note = '' }) {
  return {
    what,
    target,
    measured: Number(measured.toFixed(measured < 10 ? 2 : 1)),
    unit,
    met: measured <= target,
    note,
  };
}

export function formatTable(computer, rows) {
  const cells = [
    ['WHAT', 'AT MOST', 'MEASURED', 'MET'],
    ...rows.map(({ what, target, measured, unit, met }) => [
      what,
      `${target} ${unit}`,
      `${measured} ${unit}`,
      met ? 'yes' : 'NO',
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('   ')
      .trimEnd(),
  );
  const notes = rows.filter(({ note }) => note !== '').map(({ what, note }) => `- ${what}: ${note}`);
  const { date, node, platform, processor, processors, loadBefore, loadAfter } = computer;
  return [
    `${date}, Node ${node}, ${platform}, ${processors} x ${processor}`,
    `Load of the computer: ${loadBefore.toFixed(2)} before, ${loadAfter.toFixed(2)} after`,
    '',
    ...lines,
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}
