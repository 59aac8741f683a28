import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

let temp: TempStore;

beforeEach(async () => {
  temp = await makeTempStore();
});

afterEach(async () => await temp[Symbol.asyncDispose]());

const call = async (...args: string[]) => await runTmachine(args, { env: temp.env });

/** The only document on standard output. */
async function ask(...args: string[]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await call(...args);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/\n$/);
  return JSON.parse(stdout);
}

describe('-o json', () => {
  test('of ls is a list of machines, broken ones included', async () => {
    await temp.add('dev', 'nosuch', {});
    const rows = await ask('ls', '-o', 'json');
    expect(rows).toEqual([
      {
        name: 'dev',
        active: false,
        activeSwarm: false,
        driver: 'nosuch',
        state: 'Error',
        lastState: null,
        url: null,
        dockerVersion: null,
        error: expect.stringContaining('Driver "nosuch" not found.'),
        swarm: null,
        responseTimeMs: expect.any(Number),
        labels: [],
      },
    ]);
    expect(await ask('ls', '-q', '--output=json')).toEqual(['dev']);
    expect(await ask('ls', '-q', '--filter', 'name=x', '-output', 'json')).toEqual([]);
  });

  test('of inspect is the record, byte for byte', async () => {
    await temp.add('dev', 'nosuch', { Big: 1 });
    const { stdout } = await call('inspect', 'dev');
    expect((await call('inspect', '-o', 'json', 'dev')).stdout).toBe(stdout);
    expect(await ask('inspect', '-o', 'json', '-f', '{{.Driver.Big}} "', 'dev')).toBe('1 "');
  });

  test('of version, of env -u and of image ls', async () => {
    expect(await ask('version', '-o', 'json')).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(await ask('env', '-u', '-o', 'json')).toEqual({
      DOCKER_TLS_VERIFY: null,
      DOCKER_HOST: null,
      DOCKER_CERT_PATH: null,
      DOCKER_MACHINE_NAME: null,
    });
    for (const form of [['-o', 'json'], ['--json']]) {
      expect(await ask('image', 'ls', ...form)).toEqual([]);
      expect(await ask('image', 'verify', ...form)).toEqual([]);
    }
  });

  test('of ip names each machine that failed, and ends with their status', async () => {
    await temp.add('dev', 'nosuch', {});
    const { exitCode, stdout, stderr } = await call('ip', '-o', 'json', 'dev', 'nope');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      { name: 'dev', error: expect.stringContaining('Driver "nosuch" not found.') },
      { name: 'nope', error: expect.stringContaining('Docker machine "nope" does not exist.') },
    ]);
    expect(stderr).toContain('Driver "nosuch" not found.');
    expect(stderr).toContain('Docker machine "nope" does not exist.');
  });

  test('leaves standard output empty where there is no answer', async () => {
    for (const args of [['status', 'nope'], ['url', 'nope'], ['active'], ['config', 'nope'], ['env', 'nope']])
      expect(await call(...args, '-o', 'json')).toMatchObject({ exitCode: 1, stdout: '', stderr: /./ });
  });

  test.each([
    [['ls', '-o', 'yaml'], 'choose from text, json'],
    [['image', 'ls', '-o', 'file.iso'], 'Only image build writes a file'],
    [['start', '-o', 'json', 'dev'], 'unknown option'],
  ])('%j cannot be understood', async (args, words) => {
    const { exitCode, stdout, stderr } = await call(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr.toLowerCase()).toContain(words.toLowerCase());
  });
});
