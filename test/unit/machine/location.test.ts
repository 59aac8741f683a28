import { describe, expect, test } from 'vitest';
import { parseLocation } from '../../../src/machine/copy/location.ts';

const machines = ['dev', 'my.host', 'c', 'localhost2'];
const local = (path: string) => ({ kind: 'local', path });
const inMachine = (machine: string, path: string, user?: string) => ({ kind: 'machine', machine, path, user });

describe.each(['linux', 'win32'] as const)('on %s', (platform) => {
  test.each([
    ['file', local('file')],
    ['', local('')],
    ['./a:b', local('./a:b')],
    ['/a:b', local('/a:b')],
    ['x/dev:b', local('x/dev:b')],
    [':b', local(':b')],
    ['localhost:a/b', local('a/b')],
    ['dev:', inMachine('dev', '.')],
    ['dev:~', inMachine('dev', '.')],
    ['dev:~/', inMachine('dev', '.')],
    ['dev:~//a', inMachine('dev', 'a')],
    ['dev:~a', inMachine('dev', '~a')],
    ['dev:/a:b', inMachine('dev', '/a:b')],
    ['dev:a b', inMachine('dev', 'a b')],
    ['my.host:C:\\x', inMachine('my.host', 'C:\\x')],
    ['root@dev:x', inMachine('dev', 'x', 'root')],
    ['me@firm@dev:x', inMachine('dev', 'x', 'me@firm')],
    ['me@c:/x', inMachine('c', '/x', 'me')],
  ])('%s', (text, location) => {
    expect(parseLocation(text, { machines, platform })).toEqual(location);
  });

  test.each(['none:x', 'Dev:x', 'root@none:x', '[::1]:x'])('%s names no machine', (text) => {
    expect(() => parseLocation(text, { machines, platform })).toThrow(/^Docker machine ".*" does not exist\. Use /);
  });
});

test('a drive of Windows is none of our machines there, and may be one elsewhere', () => {
  for (const text of ['C:\\x', 'c:/x', 'c:x', 'D:', 'x\\y:z'])
    expect(parseLocation(text, { machines, platform: 'win32' })).toEqual(local(text));
  expect(parseLocation('c:/x', { machines, platform: 'linux' })).toEqual(inMachine('c', '/x'));
  expect(() => parseLocation('D:\\x y', { machines, platform: 'linux' })).toThrow(
    expect.objectContaining({ code: 'MACHINE_NOT_FOUND', hint: expect.stringContaining('/mnt/d/x y') }),
  );
});

test('a name that no machine has is answered with both readings', () => {
  expect(() => parseLocation('a:b', { machines, platform: 'linux' })).toThrow(
    expect.objectContaining({ hint: 'if "a:b" is a file of this computer, write ./a:b' }),
  );
});
