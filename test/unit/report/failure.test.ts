import { expect, test } from 'vitest';
import { TmachineError } from '../../../src/errors/tmachine-error.ts';
import { describeFailure, formatBug, formatFailure } from '../../../src/report/failure.ts';

test('formatFailure() says what failed, what is behind it and what to try', () => {
  const cause = new Error('VT-x is off', { cause: new Error('BIOS says no') });
  const error = new TmachineError('Cannot start "dev": VT-x is off', { code: 'X', hint: 'look at the BIOS', cause });
  expect(formatFailure(describeFailure(error), false)).toBe(
    'Cannot start "dev": VT-x is off\n  because: BIOS says no\nTry: look at the BIOS\n',
  );
});

test('formatFailure() keeps each hint on a line of its own', () => {
  const error = new TmachineError('a\nb', { code: 'SEVERAL_FAILED', hint: 'one\ntwo' });
  expect(formatFailure(describeFailure(error), false)).toBe('a\nb\nTry: one\nTry: two\n');
});

test('describeFailure() calls what nobody foresaw a bug', () => {
  expect(describeFailure(new TypeError('x is undefined'))).toMatchObject({ code: 'BUG', exitCode: 70 });
  expect(describeFailure('text')).toMatchObject({ code: 'BUG', message: 'text' });
});

test('describeFailure() does not run in circles', () => {
  const error = new TmachineError('a', { code: 'X', cause: new Error('b') });
  (error.cause as Error).cause = error;
  expect(describeFailure(error).causes).toEqual(['b']);
});

test('formatBug() shows the stack and names the log', () => {
  const text = formatBug(new Error('boom'), '/s/logs/bug.log');
  expect(text).toContain('Error: boom');
  expect(text).toContain('/s/logs/bug.log');
});
