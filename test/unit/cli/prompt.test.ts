import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createLineReader, isYes } from '../../../src/cli/prompt.ts';

const never = new AbortController().signal;

test('next() reads one line at a time, also when several come at once or one in pieces', async () => {
  const input = new PassThrough();
  const lines = createLineReader(() => input);
  input.write('y\r\nsec');
  expect(await lines.next(never)).toBe('y');
  const second = lines.next(never);
  input.write('ond\nthird\n');
  expect(await second).toBe('second');
  expect(await lines.next(never)).toBe('third');
});

test('next() tells the end of input, again and again', async () => {
  const input = new PassThrough();
  const lines = createLineReader(() => input);
  input.end('no line feed');
  expect(await lines.next(never)).toBeUndefined();
  expect(await lines.next(never)).toBeUndefined();
});

test('next() ends at an interruption', async () => {
  const controller = new AbortController();
  const answer = createLineReader(() => new PassThrough()).next(controller.signal);
  controller.abort(new Error('stop'));
  await expect(answer).rejects.toThrow('stop');
});

test.each([
  ['y', true],
  ['YES', true],
  [' yes ', true],
  ['n', false],
  ['', false],
  [undefined, false],
])('isYes(%j) is %j', (answer, expected) => {
  expect(isYes(answer)).toBe(expected);
});
