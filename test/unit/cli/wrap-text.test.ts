import { expect, test } from 'vitest';
import { columnsOf, wrapText } from '../../../src/cli/wrap-text.ts';

test.each([
  ['one two three', 7, ['one two', 'three']],
  ['one two three', 8, ['one two', 'three']],
  ['one two three', 80, ['one two three']],
  ['one two', 0, ['one', 'two']],
  ['incomprehensible words', 5, ['incomprehensible', 'words']],
  ['', 10, ['']],
])('wrapText(%j, %j)', (text, columns, lines) => {
  expect(wrapText(text, columns)).toEqual(lines);
});

test('columnsOf() takes 80 where nobody says', () => {
  expect([{}, { isTTY: true, columns: 0 }, { isTTY: false, columns: 200 }].map(columnsOf)).toEqual([80, 80, 80]);
  expect(columnsOf({ isTTY: true, columns: 20 })).toBe(20);
});
