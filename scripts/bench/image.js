// How long an image takes to build when its packages are there.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { atMost } from './table.js';
import { measurePeak, runProgram } from './tmachine.js';

export async function measureImageBuild(bench) {
  const file = join(bench.folder, 'built.iso');
  const args = ['image', 'build', '--output', file];
  bench.say('Building an image, so that its packages are cached');
  await runProgram(bench, args);
  bench.say('Building it again, measured');
  const { tookMs, peakMiB } = await measurePeak(bench, args);
  const note = `one run, index fetched anew; ${(statSync(file).size / 1e6).toFixed(0)} MB`;
  return [
    atMost('image build from cached packages', { target: 60, measured: tookMs / 1000, unit: 's', note }),
    atMost('its peak memory', { target: 800, measured: peakMiB, unit: 'MiB' }),
  ];
}
