import { expect, test } from 'vitest';
import type { Location } from '../../../src/machine/copy/location.ts';
import { planRsync } from '../../../src/machine/copy/plan-rsync.ts';

const local = (path: string): Location => ({ kind: 'local', path });
const remote: Location = { kind: 'machine', machine: 'dev', user: undefined, path: 'a b' };
const plan = (source: Location, target: Location, more: Partial<Parameters<typeof planRsync>[0]> = {}) =>
  planRsync({ source, target, recursive: false, quiet: false, shows: false, sshConfig: '/c', ...more });

test.each([
  ['file', './file'],
  ['a:b', './a:b'],
  ['-rf', './-rf'],
  ['.hidden:x', './.hidden:x'],
  ['./a:b', './a:b'],
  ['../a', '../a'],
  ['/a:b', '/a:b'],
])('the local path %s is given as %s, which no rsync takes for a host', (path, given) => {
  expect(plan(local(path), remote).slice(-3)).toEqual(['--', given, 'dev:a b']);
});

test('the command of ssh is quoted as rsync reads it', () => {
  const words = plan(remote, local('/x'), { sshConfig: `/it's "my" folder/c` });
  expect(words[words.indexOf('-e') + 1]).toBe(`ssh -F '/it''s "my" folder/c'`);
});

test('flags follow what is asked for', () => {
  expect(plan(remote, local('/x'), { recursive: true, quiet: true, shows: true })).toEqual(
    expect.arrayContaining(['-r', '--quiet']),
  );
  expect(plan(remote, local('/x'), { shows: true })).toContain('--progress');
  expect(plan({ ...remote, user: 'root' }, local('/x')).at(-2)).toBe('root@dev:a b');
});
