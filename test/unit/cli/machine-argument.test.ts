import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { namedMachines, newMachine, noArguments, oneMachine, someMachines } from '../../../src/cli/machine-argument.ts';
import { createStore, type MachineStore } from '../../../src/store/machine-store.ts';

let directory: string;
let empty: MachineStore;
let withDefault: MachineStore;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tmachine-args-'));
  const { signal } = new AbortController();
  empty = createStore({ directory: join(directory, 'none'), platform: process.platform, signal });
  withDefault = createStore({ directory, platform: process.platform, signal });
  await mkdir(join(directory, 'machines', 'default'), { recursive: true });
});

afterAll(async () => await rm(directory, { recursive: true }));

test('oneMachine() and someMachines() fall back to "default" where it exists', async () => {
  expect(await oneMachine([], withDefault)).toBe('default');
  expect(await someMachines([], withDefault)).toEqual(['default']);
  const reason = 'Error: No machine name(s) specified and no "default" machine exists';
  await expect(oneMachine([], empty)).rejects.toMatchObject({ message: reason, exitCode: 1 });
  await expect(someMachines([], empty)).rejects.toThrow(reason);
});

test('someMachines() and namedMachines() take each name once', async () => {
  expect(await someMachines(['a', 'b', 'a'], empty)).toEqual(['a', 'b']);
  expect(namedMachines(['a', 'a'])).toEqual(['a']);
});

test('wrong numbers of arguments get the words of docker-machine', async () => {
  await expect(oneMachine(['a', 'b'], empty)).rejects.toThrow('Error: Expected one machine name as an argument');
  expect(() => namedMachines([])).toThrow('Error: Expected to get one or more machine names as arguments');
  expect(() => newMachine([])).toThrow('Error: No machine name specified');
  expect(() => newMachine(['a', 'b', 'c'])).toThrow('Invalid command line. Found extra arguments [b c]');
  expect(() => noArguments(['a'])).toThrow('Error: Too many arguments given');
});
