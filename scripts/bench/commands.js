// How long the quick commands take, and how much memory.
import { atMost } from './table.js';
import { measurePeak, pairEachWithNode, pairWithNode } from './tmachine.js';

/** Commands that need no machine. */
export async function measureStartup(bench) {
  const rows = [];
  for (const word of ['version', '--help']) {
    const { ratio, nodeMs, ownMs } = await pairWithNode(bench, [word]);
    const note = `median of ${bench.pairs} pairs; ${ownMs.toFixed(0)} ms beside ${nodeMs.toFixed(0)} ms`;
    rows.push(atMost(`${word}, to node -e 0`, { target: 1.5, measured: ratio, unit: 'x', note }));
  }
  return rows;
}

/** Commands about a machine that runs. */
export async function measureCommands(bench, machine) {
  const rows = [];
  const peaks = [];
  const commands = ['env', 'config', 'ip', 'url', 'status'];
  bench.say(`Timing ${commands.join(', ')}`);
  const timed = await pairEachWithNode(
    bench,
    commands.map((command) => [command, machine]),
  );
  for (const [index, command] of commands.entries()) {
    const { differenceMs, nodeMs, ownMs } = timed[index];
    const note = `median of ${bench.pairs} pairs; ${ownMs.toFixed(0)} ms beside ${nodeMs.toFixed(0)} ms`;
    rows.push(atMost(`${command}, beyond node -e 0`, { target: 60, measured: differenceMs, unit: 'ms', note }));
    peaks.push({ command, ...(await measurePeak(bench, [command, machine])) });
  }
  peaks.sort((one, other) => other.peakMiB - one.peakMiB);
  const [most] = peaks;
  rows.push(atMost('peak memory of these', { target: 80, measured: most.peakMiB, unit: 'MiB', note: most.command }));
  return rows;
}
