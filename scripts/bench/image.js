// How long an image takes to build when its packages are there.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { atMost } from './table.js';
import { measurePeak, runProgram } from './tmachine.js';

export async function measureImageBuild(bench) {
  // Two files: an image that is there already would be taken as it is.
  const [first, file] = ['first.iso', 'second.iso'].map((name) => join(bench.folder, name));
  bench.say('Building an image, so that its packages are cached');
  await runProgram(bench, ['image', 'build', '--output', first]);
  bench.say('Building it again, measured');
  const { tookMs, peakMiB } = await measurePeak(bench, ['image', 'build', '--output', file]);
  if (!readFileSync(first).equals(readFileSync(file))) throw new Error('The same inputs gave different images');
  const note = `one run, index fetched anew; ${(statSync(file).size / 1e6).toFixed(0)} MB`;
  return [
    atMost('image build from cached packages', { target: 60, measured: tookMs / 1000, unit: 's', note }),
    atMost('its peak memory', { target: 800, measured: peakMiB, unit: 'MiB' }),
  ];
}
