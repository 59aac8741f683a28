import { expect, test } from 'vitest';
import type { CommandFlags } from '../../../src/cli/command.ts';
import { normalizeArgv } from '../../../src/cli/normalize-argv.ts';

const flags: CommandFlags = {
  driver: { type: 'string', short: 'd', summary: '' },
  force: { type: 'boolean', short: 'f', summary: '' },
  yes: { type: 'boolean', short: 'y', summary: '' },
  'no-proxy': { type: 'boolean', summary: '' },
  label: { type: 'list', summary: '' },
};

test.each([
  [['--driver', 'x'], ['--driver=x']],
  [['-driver', 'x'], ['--driver=x']],
  [['-d', 'x'], ['--driver=x']],
  [['-d=x'], ['--driver=x']],
  [['-driver=a=b'], ['--driver=a=b']],
  [['--driver='], ['--driver=']],
  [
    ['dev', '-f', 'x'],
    ['dev', '--force=true', 'x'],
  ],
  [['--force=false'], ['--force=false']],
  [['-fy'], ['--force=true', '--yes=true']],
  [['--no-proxy'], ['--no-proxy=true']],
  [['-no-proxy'], ['--no-proxy=true']],
  [
    ['--label', '--dash', 'dev'],
    ['--label=--dash', 'dev'],
  ],
  [
    ['-d', 'x', '--', '-f'],
    ['--driver=x', '--', '-f'],
  ],
  [['--driver'], ['--driver']],
  [
    ['--unknown', '-z', '-'],
    ['--unknown', '-z', '-'],
  ],
  [
    ['--d', 'x'],
    ['--d', 'x'],
  ],
  [['--label=two\nlines'], ['--label=two\nlines']],
  [['--constructor'], ['--constructor']],
])('normalizeArgv() writes %j as %j', (words, expected) => {
  expect(normalizeArgv(words, flags)).toEqual({ words: expected, rest: [] });
});

test('normalizeArgv() leaves all from the first plain word on alone where it is told to', () => {
  expect(normalizeArgv(['-f', '-d', 'x', 'ssh', 'dev', '-f'], flags, true)).toEqual({
    words: ['--force=true', '--driver=x'],
    rest: ['ssh', 'dev', '-f'],
  });
});
