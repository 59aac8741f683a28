// How long the user waits after the Tab key.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost } from './table.js';
import { pairWithNode, runProgram } from './tmachine.js';

/** In a store of 20 machines: a machine's name, once with its driver beside it; a command; an option of a driver. */
export async function measureCompletion(bench) {
  const store = join(bench.folder, 'completion-store');
  const names = Array.from({ length: 20 }, (_, index) => `machine${index}`);
  for (const name of names) storeMachine(join(store, 'machines', name), name);
  const rows = [];
  for (const [what, words, expected] of [
    ['name', ['bash', 'tmachine stop mach', '=:'], 'machine7'],
    ['name with its driver', ['fish', 'stop', 'mach'], 'machine7\tmachine (qemu)'],
    ['command', ['bash', 'tmachine st', '=:'], 'stop'],
    ['driver option', ['bash', 'tmachine create -d qemu --qemu-m', '=:'], '--qemu-memory'],
  ]) {
    bench.say(`Timing the completion of a ${what}`);
    const call = ['__complete', ...words];
    const own = { ...bench, store };
    const { stdout } = await runProgram(own, call);
    if (!stdout.includes(expected)) throw new Error(`${words.join(' ')} was completed to ${stdout}`);
    const { differenceMs, nodeMs, ownMs } = await pairWithNode(own, call);
    const note = `median of ${bench.pairs} pairs; ${ownMs.toFixed(0)} ms beside ${nodeMs.toFixed(0)} ms`;
    rows.push(
      atMost(`completion of a ${what}, beyond node -e 0`, { target: 30, measured: differenceMs, unit: 'ms', note }),
    );
  }
  return rows;
}

function storeMachine(folder, name) {
  const record = { ConfigVersion: 3, Driver: { MachineName: name }, DriverName: 'qemu', HostOptions: {}, Name: name };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(record));
}
