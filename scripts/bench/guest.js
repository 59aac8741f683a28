// What the guest itself needs while it has nothing to do.
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost } from './table.js';
import { runProgram } from './tmachine.js';

const restMs = 60_000;

export async function measureIdleGuest(bench, machine) {
  bench.say('Letting the guest rest for 60 s');
  await sleep(restMs);
  const { stdout } = await runProgram(bench, ['ssh', machine, 'free', '-m']);
  const [, total, used] = /^Mem:\s+(\d+)\s+(\d+)/m.exec(stdout) ?? [];
  if (used === undefined) throw new Error(`Cannot read what free says: ${stdout}`);
  const note = `free -m, ${restMs / 1000} s after everything else; of ${total} MiB`;
  return [atMost('idle guest memory in use', { target: 190, measured: Number(used), unit: 'MiB', note })];
}
