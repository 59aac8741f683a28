import { expect, test } from 'vitest';
import type { EventBody } from '../../../src/events/event.ts';
import { type PlainState, plainLines } from '../../../src/report/plain.ts';

function play(events: readonly (readonly [number, EventBody])[], debug = false): readonly string[] {
  let state: PlainState = new Map();
  return events.flatMap(([at, event]) => {
    const [lines, next] = plainLines(state, { machine: 'dev', at, ...event }, debug);
    state = next;
    return lines;
  });
}

const started = { type: 'step.started', step: 's', title: 'Creating VirtualBox VM' } as const;

test('plainLines() says a step once, when it begins', () => {
  expect(
    play([
      [0, started],
      [500, { type: 'step.progress', step: 's', done: 1, total: 2, unit: 'items' }],
      [900, { type: 'step.finished', step: 's' }],
    ]),
  ).toEqual(['(dev) Creating VirtualBox VM...']);
});

test('plainLines() breaks a long silence every ten seconds', () => {
  const progress = (done: number) => ({ type: 'step.progress', step: 's', done, total: 2e8, unit: 'bytes' }) as const;
  const waiting = { type: 'step.waiting', step: 's', what: 'SSH', elapsedMs: 11_000 } as const;
  expect(
    play([
      [0, started],
      [9000, progress(1e6)],
      [10_000, progress(2e7)],
      [12_000, progress(3e7)],
      [20_000, waiting],
      [21_000, waiting],
    ]),
  ).toEqual([
    '(dev) Creating VirtualBox VM...',
    '(dev) Creating VirtualBox VM: 20.0 MB of 200.0 MB (10%)',
    '(dev) Still waiting for SSH (11.0 s)',
  ]);
});

test('plainLines() marks warnings, and shows programs only when debugging', () => {
  const command = { type: 'command.finished', commandLine: 'ls -l', exitCode: 0, elapsedMs: 12 } as const;
  const warning = { type: 'notice', level: 'warning', text: 'old engine' } as const;
  expect(
    play([
      [0, warning],
      [1, command],
    ]),
  ).toEqual(['(dev) Warning: old engine']);
  expect(play([[1, command]], true)).toEqual(['(dev) DBG | ls -l (exit 0, 12 ms)']);
});
