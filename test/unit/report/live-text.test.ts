import { expect, test } from 'vitest';
import { createLiveText, fitLines } from '../../../src/report/live-text.ts';
import { createScreen } from '../../support/screen.ts';

test('fitLines() never wraps and never scrolls, in windows of any size', () => {
  expect(fitLines('abcdef\nxy  \n\nz\n', 4, 4)).toEqual(['abc', 'xy', '']);
  expect(fitLines('abc\nd\n', 1, 1)).toEqual(['a']);
  expect(fitLines('abc\nd\n', 10_000, 10_000)).toEqual(['abc', 'd']);
  expect(fitLines('', 80, 24)).toEqual(['']);
});

test.each([
  [80, 24],
  [10, 5],
  [2, 2],
])('what is drawn in %i columns and %i rows is gone when it is cleared', (columns, rows) => {
  const screen = createScreen(columns);
  screen.write('before\n');
  const live = createLiveText({ write: screen.write, columns: () => columns, rows: () => rows });
  live.draw('NAME   STATE\na\nb\nc\nd\n');
  live.draw('NAME   STATE\na      Running and well\n');
  live.clear();
  screen.write('after\n');
  expect(screen.lines()).toEqual([...wrapped('before', columns), ...wrapped('after', columns)]);
});

const wrapped = (text: string, columns: number): string[] => text.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
