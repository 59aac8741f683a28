import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MachineBench } from '../support/machine-bench.ts';
import { isAlive, killAndWait } from '../support/qemu-bench.ts';
import { describeWith } from '../support/requires.ts';

let bench: MachineBench;

beforeEach(async () => {
  bench = await MachineBench.make();
});

afterEach(async () => await bench[Symbol.asyncDispose]());

async function writeConfig(name: string, content: string | Uint8Array): Promise<string> {
  const { config } = bench.temp.store.layout.machine(name);
  await mkdir(dirname(config), { recursive: true });
  await writeFile(config, content);
  return config;
}

const damages: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['truncated', '{"ConfigVersion": 3, "Driver": {"IPAdd', /Cannot read machine "bad": .*config\.json: .*JSON/],
  ['empty', '', /Cannot read machine "bad": .*config\.json: the file is empty/],
  ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe]), /Cannot read machine "bad": .*config\.json: /],
  ['a list', '[]', /Cannot read machine "bad": .*config\.json: it holds no JSON object/],
  ['without a driver', '{"ConfigVersion": 3}', /Cannot read machine "bad": .*config\.json: "Driver" is not an object/],
  [
    'of the future',
    '{"ConfigVersion": 4}',
    /config version is from the future -- you should upgrade your tmachine client \(.*config\.json has version 4\)/,
  ],
];

describe.each(damages)('a config.json that is %s', (_case, content, words) => {
  test('is one row of ls, gets a clear error elsewhere, and rm -f removes it', async () => {
    await writeConfig('bad', content);
    await bench.temp.add('good', 'nosuch', {});
    const listed = await bench.call(['ls']);
    expect([listed.exitCode, listed.stderr]).toEqual([0, '']);
    const [heading, bad, good, ...rest] = listed.stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^NAME +ACTIVE +DRIVER +STATE +URL +SWARM +DOCKER +ERRORS$/);
    expect(bad).toMatch(/^bad +not found +Error +Unknown +/);
    expect(bad).toMatch(words);
    expect(good).toMatch(/^good +nosuch +Error +Unknown +Driver "nosuch" not found\. /);
    expect(rest).toEqual([]);
    expect((await bench.call(['ls', '-q'])).stdout).toBe('good\n');

    for (const args of [
      ['status', 'bad'],
      ['inspect', 'bad'],
      ['env', 'bad'],
      ['start', 'bad'],
      ['rm', '-y', 'bad'],
    ]) {
      const { exitCode, stdout, stderr } = await bench.call(args);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(words);
    }
    expect(await bench.temp.store.names()).toContain('bad');

    const removed = await bench.call(['rm', '-f', 'bad']);
    expect(removed).toMatchObject({ exitCode: 0, stdout: '' });
    expect(removed.stderr).toMatch(/Warning: Error removing host "bad": [\s\S]*Successfully removed bad\n$/);
    expect(await bench.temp.store.names()).toEqual(['good']);
  });
});

test('a machine without a config.json is listed, and rm without -f keeps it', async () => {
  await mkdir(join(bench.temp.path, 'machines', 'wreck'), { recursive: true });
  expect((await bench.call(['ls'])).stdout).toMatch(/^wreck .*config\.json does not exist$/m);
  const { exitCode, stderr } = await bench.call(['rm', '-y', 'wreck']);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^Error removing host "wreck": [\s\S]*Try: tmachine rm -f wreck forgets the machine even so\n$/,
  );
  expect((await bench.call(['rm', '-f', 'wreck'])).exitCode).toBe(0);
  expect(await bench.temp.store.names()).toEqual([]);
});

describeWith(['qemu-system-x86_64'], 'a running machine', () => {
  test.each([
    ['empty', ''],
    ['of the future', '{"ConfigVersion": 9}'],
  ])('whose config.json is %s ends with rm -f, and its files are gone', async (_case, content) => {
    const { pid } = await bench.start('lost');
    await writeConfig('lost', content);
    const { exitCode } = await bench.call(['rm', '-f', 'lost']);
    expect(exitCode).toBe(0);
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(await readdir(join(bench.temp.path, 'machines'))).toEqual([]);
  });

  test('whose config.json is gone ends with rm -f', async () => {
    const { pid, directory } = await bench.start('lost');
    await rm(join(directory, 'config.json'));
    expect((await bench.call(['rm', '-f', 'lost'])).exitCode).toBe(0);
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(await bench.temp.store.names()).toEqual([]);
  });

  test('that is killed behind our back is stopped: env says so, start and rm work', async () => {
    const machine = await bench.start('dev');
    expect((await bench.call(['status', 'dev'])).stdout).toBe('Running\n');
    await killAndWait(machine.pid);
    expect(await bench.call(['status', 'dev'])).toEqual({ exitCode: 0, stdout: 'Stopped\n', stderr: '' });
    expect(await bench.call(['env', 'dev'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error checking TLS connection: Host is not running\nTry: start it: tmachine start dev\n',
    });
    expect((await bench.call(['config', 'dev'])).stderr).toMatch(
      /^Error running connection boilerplate: Host is not running\n/,
    );
    expect((await bench.call(['ls'])).stdout).toMatch(/^dev +- +qemu +Stopped +Unknown +$/m);
    expect(await bench.call(['stop', 'dev'])).toMatchObject({
      exitCode: 1,
      stderr: 'Machine "dev" is already stopped.\n',
    });
    expect(await bench.call(['rm', '-y', 'dev'])).toMatchObject({ exitCode: 0, stderr: 'Successfully removed dev\n' });
  });

  test('whose folder is removed behind our back does not exist, and its address names the process', async () => {
    const machine = await bench.start('ghost');
    await rm(machine.directory, { recursive: true });
    const { exitCode, stderr } = await bench.call(['status', 'ghost']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'Docker machine "ghost" does not exist. Use "tmachine ls" to list machines. Use "tmachine create" to add a new one.\n',
    );
    expect(await bench.call(['ls', '-q'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await bench.call(['rm', '-f', 'ghost'])).toMatchObject({ exitCode: 0, stdout: '' });
    const again = await bench.call(['create', '--qemu-address', machine.address, 'ghost']);
    expect(again.exitCode).toBe(3);
    expect(again.stderr).toContain(`process ${machine.pid} (qemu-system-x86`);
    expect(again.stderr).toContain('listens there');
  });
});
