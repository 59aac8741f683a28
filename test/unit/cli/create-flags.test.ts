import { expect, test } from 'vitest';
import { createFlags, impliedDriver, namedDriver } from '../../../src/cli/create-flags.ts';
import type { DriverDefinition } from '../../../src/driver/contract.ts';

const unused = (): never => {
  throw new Error('not opened here');
};
const driver: DriverDefinition = {
  name: 'cloud',
  summary: '',
  flags: { 'cloud-size': { type: 'integer', summary: '' }, 'engine-opt': { type: 'list', summary: '' } },
  configure: unused,
  open: unused,
};

test.each([
  [['--driver', 'a', 'dev'], {}, 'a'],
  [['-d=a'], { MACHINE_DRIVER: 'b' }, 'a'],
  [['-driver=a', '-d', 'c'], {}, 'c'],
  [['dev'], { MACHINE_DRIVER: 'b' }, 'b'],
  [['dev', '--', '-d', 'a'], {}, undefined],
  [['dev', '-d'], {}, undefined],
])('namedDriver(%j, %j) is %j', (words, env, expected) => {
  expect(namedDriver(words, env)).toBe(expected);
});

test('impliedDriver() finds the driver whose own flag is used', () => {
  expect(impliedDriver(['--cloud-size=3', 'dev'], [driver])).toBe(driver);
  expect(impliedDriver(['-cloud-size', '3', 'dev'], [driver])).toBe(driver);
  expect(impliedDriver(['dev', '--', '--cloud-size=3'], [driver])).toBeUndefined();
});

test('createFlags() lets the flags of the command win', () => {
  const own = { 'engine-opt': { type: 'list', summary: 'ours' } } as const;
  expect(Object.keys(createFlags(driver, own))).toEqual(['cloud-size']);
});
