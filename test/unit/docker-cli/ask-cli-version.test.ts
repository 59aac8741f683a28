import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askCliVersion, type CliSearch } from '../../../src/docker-cli/ask-cli-version.ts';
import { writeProgram } from '../../support/fake-path.ts';
import { describeWith } from '../../support/requires.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

let temp: Awaited<ReturnType<typeof makeTempFolder>>;
let bin: string;
let search: CliSearch;

beforeEach(async () => {
  temp = await makeTempFolder();
  bin = join(temp.path, 'bin');
  await mkdir(bin);
  const memory = join(temp.path, 'store', 'cache', 'docker-cli.json');
  search = { env: { PATH: bin }, platform: process.platform, signal: new AbortController().signal, memory };
});

afterEach(async () => await temp[Symbol.asyncDispose]());

/** A CLI that counts its calls. */
async function cliOf(version: string): Promise<string> {
  const count = `printf x >>'${join(temp.path, 'calls')}'`;
  return await writeProgram(bin, 'docker', `${count}\necho 'Docker version ${version}, build 0123456'`);
}

async function calls(): Promise<number> {
  return await stat(join(temp.path, 'calls')).then(
    ({ size }) => size,
    () => 0,
  );
}

async function answers(): Promise<readonly unknown[]> {
  const asked = askCliVersion(search);
  return [await asked.matters, (await asked.version())?.text];
}

test('without a Docker CLI nothing matters', async () => {
  expect(await answers()).toEqual([false, undefined]);
  expect(await askCliVersion(search).confirm()).toBeUndefined();
});

test('it is asked once, as long as it stays the same file', async () => {
  const program = await cliOf('28.2.2');
  expect(await answers()).toEqual([true, '28.2.2']);
  expect((await stat(search.memory)).mode & 0o777).toBe(0o600);
  expect(await answers()).toEqual([false, '28.2.2']);
  expect(await answers()).toEqual([false, '28.2.2']);
  expect(await calls()).toBe(1);
  await cliOf('29.0.11');
  expect(await answers()).toEqual([true, '29.0.11']);
  expect(await answers()).toEqual([true, '29.0.11']);
  expect(await calls()).toBe(2);
  await utimes(program, 1, 1);
  await answers();
  expect(await calls()).toBe(3);
});

test('and again after a day, because it may only call another program', async () => {
  await cliOf('28.2.2');
  await answers();
  const memory = JSON.parse(await readFile(search.memory, 'utf8'));
  await writeFile(search.memory, JSON.stringify({ ...memory, askedAt: memory.askedAt - 25 * 3600 * 1000 }));
  await answers();
  expect(await calls()).toBe(2);
});

test('confirm() asks what was remembered, and not twice what was not', async () => {
  await cliOf('29.1.0');
  const first = askCliVersion(search);
  expect([(await first.version())?.text, (await first.confirm())?.text, await calls()]).toEqual([
    '29.1.0',
    '29.1.0',
    1,
  ]);
  const second = askCliVersion(search);
  expect([(await second.version())?.text, (await second.confirm())?.text, await calls()]).toEqual([
    '29.1.0',
    '29.1.0',
    2,
  ]);
});

test.each(['', 'nonsense', '[]', 'null', '{"program": 1, "output": {}}'])(
  'a memory of %j counts for nothing',
  async (text) => {
    await cliOf('28.2.2');
    await mkdir(join(search.memory, '..'), { recursive: true });
    await writeFile(search.memory, text);
    expect(await answers()).toEqual([true, '28.2.2']);
    expect(await answers()).toEqual([false, '28.2.2']);
  },
);

test('a store that cannot be written only means to ask each time', async () => {
  await writeFile(join(temp.path, 'store'), '');
  await cliOf('28.2.2');
  expect(await answers()).toEqual([true, '28.2.2']);
  expect(await answers()).toEqual([true, '28.2.2']);
  expect(await calls()).toBe(2);
});

test.each([
  ['fails', 'exit 3'],
  ['says nothing', 'exit 0'],
  ['hangs', 'exec sleep 30'],
  ['is another program', 'echo podman version 4.3.1'],
])('a program that %s is as good as none', async (_, script) => {
  await writeProgram(bin, 'docker', script);
  search = { ...search, env: { PATH: `${bin}:/usr/bin:/bin` } };
  expect(await answers()).toEqual([true, undefined]);
  expect(await answers()).toEqual([false, undefined]);
});

test('so is one that cannot be run at all', async () => {
  await writeFile(join(bin, 'docker'), '#!/nowhere/sh\n');
  await chmod(join(bin, 'docker'), 0o755);
  expect(await answers()).toEqual([true, undefined]);
});

describeWith(['docker'], 'the Docker CLI of this computer', () => {
  test('is understood', async () => {
    search = { ...search, env: { PATH: process.env['PATH'] } };
    const [, version] = await answers();
    expect(execFileSync('docker', ['--version'], { encoding: 'utf8' })).toContain(`Docker version ${version},`);
  });
});
