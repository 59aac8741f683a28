import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { joinUserCommand, quoteCommand, quoteWord } from '../../../src/ssh/quote.ts';

test('quoteCommand() survives a real shell, whatever the words hold', () => {
  const words = ['plain', '', ' ', "it's", '"', '$HOME', '`id`', '\\', '*', '~', '-n', 'a\nb', 'ü', '#x', '!'];
  const out = execFileSync('sh', ['-c', quoteCommand(['printf', '[%s]', ...words])], { encoding: 'utf8' });
  expect(out).toBe(words.map((word) => `[${word}]`).join(''));
});

test('quoteWord() leaves plain words as they are and refuses NUL', () => {
  expect(quoteWord('/usr/bin/env')).toBe('/usr/bin/env');
  expect(() => quoteWord('a\0b')).toThrow('NUL');
});

test('joinUserCommand() joins by spaces and leaves quoting to the user', () => {
  expect(joinUserCommand(['echo', '"a', 'b"', '*'])).toBe('echo "a b" *');
  expect(joinUserCommand([])).toBeUndefined();
});
