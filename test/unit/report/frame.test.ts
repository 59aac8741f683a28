import { expect, test } from 'vitest';
import type { EventBody } from '../../../src/events/event.ts';
import { draw, reduce, settle, type View } from '../../../src/report/frame.ts';
import { widthOf } from '../../../src/report/text-width.ts';

const look = { columns: 80, rows: 24, color: false, unicode: true, debug: false };

function play(events: readonly (readonly [number, EventBody])[]): { view: View; settled: string[] } {
  let view: View = [];
  const settled: string[] = [];
  for (const [at, body] of events) {
    const event = { machine: 'dev', at, ...body };
    settled.push(...settle(view, event, { ...look, now: at }));
    view = reduce(view, event);
  }
  return { view, settled };
}

const started = { type: 'step.started', step: 's', title: 'Downloading' } as const;

test('draw() shows bytes, and the rate since the first progress', () => {
  const { view } = play([
    [0, started],
    [1000, { type: 'step.progress', step: 's', done: 50e6, total: 100e6, unit: 'bytes' }],
    [3000, { type: 'step.progress', step: 's', done: 60e6, total: 100e6, unit: 'bytes' }],
  ]);
  expect(draw(view, { ...look, now: 2900 })).toEqual(['| (dev) Downloading  60.0 MB of 100.0 MB (60%)  5.0 MB/s']);
});

test('draw() tells what is awaited only when it takes long', () => {
  const { view } = play([
    [0, started],
    [0, { type: 'step.waiting', step: 's', what: 'SSH', elapsedMs: 0 }],
  ]);
  expect(draw(view, { ...look, now: 2880 })).toEqual(['| (dev) Downloading']);
  expect(draw(view, { ...look, now: 4800 })).toEqual(['| (dev) Downloading  waiting for SSH, 5 s']);
});

test('draw() never fills a whole line of the terminal', () => {
  const { view } = play([[0, started]]);
  const lines = draw(view, { ...look, now: 9600, columns: 22 });
  expect(lines).toEqual(['| (dev) Downloading  ']);
});

test.each([0, 1, 2, 20, 10_000])('draw() in %j columns is never wider, whatever the title holds', (columns) => {
  const title = `Downloading 太郎/größe e\u0301 😀 ${'x'.repeat(40)}`;
  const { view } = play([
    [0, { ...started, title }],
    [0, { type: 'step.progress', step: 's', done: 50e6, total: 100e6, unit: 'bytes' }],
  ]);
  const many = [...view, ...view.map((step) => ({ ...step, step: 't' }))];
  const lines = draw(many, { ...look, now: 9600, columns, rows: 2 });
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(1, columns - 1));
  if (columns === 10_000) expect(lines[0]).toBe(`| (dev) ${title}  50.0 MB of 100.0 MB (50%)  10 s`);
});

test('draw() makes blanks of what would move the cursor', () => {
  const { view } = play([[0, { ...started, title: 'one\ntwo\u001b[2Jthree\r' }]]);
  expect(draw(view, { ...look, now: 0 })).toEqual(['| (dev) one two [2Jthree ']);
});

test('draw() never takes more than half of the terminal', () => {
  const { view } = play([1, 2, 3, 4].map((each) => [0, { ...started, step: String(each) }] as const));
  expect(draw(view, { ...look, now: 0, rows: 5 }).slice(1)).toEqual(['| (dev) Downloading', '  and 2 more']);
});

test('settle() leaves finished and failed steps with their time, and notices', () => {
  const { view, settled } = play([
    [0, started],
    [1500, { type: 'step.finished', step: 's' }],
    [1600, { ...started, step: 't' }],
    [1700, { type: 'step.failed', step: 't', message: 'no' }],
    [1800, { type: 'notice', level: 'warning', text: 'old engine' }],
  ]);
  expect(view).toEqual([]);
  expect(settled).toEqual(['✓ (dev) Downloading  1.5 s', '✗ (dev) Downloading  100 ms', 'Warning: (dev) old engine']);
});

test('settle() marks steps in ASCII where the terminal shows no more', () => {
  const { view } = play([[0, started]]);
  const ascii = { ...look, unicode: false, now: 0 };
  const end = { machine: 'dev', at: 100, step: 's' };
  expect(settle(view, { ...end, type: 'step.finished' }, ascii)).toEqual(['+ (dev) Downloading  100 ms']);
  expect(settle(view, { ...end, type: 'step.failed', message: 'no' }, ascii)).toEqual(['x (dev) Downloading  100 ms']);
});

test.each([
  [1, 1],
  [2, 2],
  [10_000, 10_000],
])('draw() fits %i columns and %i rows', (columns, rows) => {
  const { view } = play([
    [0, started],
    [0, { ...started, step: 't' }],
  ]);
  const lines = draw(view, { ...look, now: 9600, columns, rows });
  expect(lines.every((line) => line.length <= Math.max(1, columns - 1))).toBe(true);
});
