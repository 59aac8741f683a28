import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parentProcessNames } from '../../../src/host/parent-processes.ts';

it.runIf(process.platform === 'linux')('parentProcessNames() lists the processes above one, nearest first', () => {
  const parent = execFileSync('ps', ['-o', 'comm=', '-p', String(process.ppid)], { encoding: 'utf8' }).trim();
  expect(parentProcessNames(process.pid, 'linux')[0]).toBe(parent);
});

it('parentProcessNames() is empty where they cannot be read quickly, and for a process that is gone', () => {
  expect(parentProcessNames(process.pid, 'win32')).toEqual([]);
  expect(parentProcessNames(2 ** 22 + 1, 'linux')).toEqual([]);
});
