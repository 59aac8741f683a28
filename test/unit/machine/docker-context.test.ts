import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DockerContexts, openContexts } from '../../../src/docker-cli/contexts.ts';
import type { EventBody } from '../../../src/events/event.ts';
import {
  type ContextPlace,
  dropContext,
  leaveContext,
  machineOfContext,
  refreshContext,
  requireContextName,
  useContext,
  useNone,
} from '../../../src/machine/docker-context.ts';
import { makeTempStore, type TempStore } from '../../support/temp-store.ts';

const url = 'tcp://127.0.0.1:2376';
let temp: TempStore;
let place: ContextPlace;
let contexts: DockerContexts;
let notices: string[];

beforeEach(async () => {
  temp = await makeTempStore();
  notices = [];
  const emit = (event: EventBody): unknown => event.type === 'notice' && notices.push(`${event.level}: ${event.text}`);
  place = { store: temp.store, env: temp.env, platform: process.platform, cwd: temp.path, emitFor: () => emit };
  contexts = openContexts(join(temp.path, '.docker'), process.platform);
  await addMachine('dev');
});

afterEach(async () => await temp[Symbol.asyncDispose]());

async function addMachine(name: string, marked = name): Promise<void> {
  const { directory, caCert, clientCert, clientKey } = temp.store.layout.machine(name);
  await mkdir(directory, { recursive: true });
  for (const path of [caCert, clientCert, clientKey]) await writeFile(path, `${path} of ${marked}`);
}

async function keyOf(): Promise<string> {
  const folder = join(temp.path, '.docker', 'contexts', 'tls');
  const [file] = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('key.pem'));
  return await readFile(join(folder, file ?? ''), 'utf8');
}

describe('a machine with a context', () => {
  beforeEach(async () => {
    expect(await useContext('dev', url, place)).toBe('dev');
  });

  test('is what the Docker CLI is on, but for a shell with another DOCKER_CONTEXT', async () => {
    expect(await contexts.current()).toBe('dev');
    expect(await machineOfContext(place)).toBe('dev');
    expect(await machineOfContext({ ...place, env: { ...place.env, DOCKER_CONTEXT: 'other' } })).toBeUndefined();
    expect(await useNone(place)).toEqual({ was: 'ours', name: 'dev' });
    expect(await machineOfContext(place)).toBeUndefined();
    expect(await machineOfContext({ ...place, env: { ...place.env, DOCKER_CONTEXT: 'dev' } })).toBe('dev');
    expect(await useNone(place)).toEqual({ was: 'default', name: 'default' });
  });

  test('takes it along to another address and to new certificates', async () => {
    await addMachine('dev', 'the new authority');
    await refreshContext('dev', place, async () => 'tcp://127.0.0.2:2376');
    expect((await contexts.read('dev'))?.host).toBe('tcp://127.0.0.2:2376');
    expect(await keyOf()).toMatch(/ of the new authority$/);
    await refreshContext('dev', place);
    expect((await contexts.read('dev'))?.host).toBe('tcp://127.0.0.2:2376');
    expect(notices).toEqual([]);
  });

  test('gives the Docker CLI back when it stops, and takes nothing else away', async () => {
    await leaveContext('other', place);
    expect(await contexts.current()).toBe('dev');
    await leaveContext('dev', place);
    expect(await contexts.current()).toBeUndefined();
    expect(await contexts.read('dev')).toBeDefined();
    await leaveContext('dev', place);
    expect(notices).toEqual([
      'info: The Docker CLI was on the context "dev", and is back on "default". To return: tmachine use dev',
    ]);
  });

  test('leaves nothing of it when it is removed', async () => {
    await dropContext('dev', { ...place, env: { ...place.env, DOCKER_CONTEXT: 'dev' } });
    expect([await contexts.current(), await contexts.read('dev')]).toEqual([undefined, undefined]);
    expect(notices).toEqual([
      'info: The Docker CLI was on the context "dev", and is back on "default".',
      'info: DOCKER_CONTEXT of this shell still names "dev", which is gone: unset it',
    ]);
    await dropContext('dev', place);
    expect(notices).toHaveLength(2);
  });

  test('stands a config.json that has been broken since: a warning, and the file stays as it is', async () => {
    const path = join(temp.path, '.docker', 'config.json');
    await writeFile(path, '{"currentContext": "dev"');
    await dropContext('dev', place);
    expect(notices).toEqual([
      expect.stringMatching(/^warning: The Docker CLI's context "dev" .*Cannot read .*config\.json/),
    ]);
    expect(await machineOfContext(place)).toBeUndefined();
    await expect(useContext('dev', url, place)).rejects.toMatchObject({ code: 'DOCKER_CONFIG_UNREADABLE' });
  });
});

describe('a context of the name that is there already', () => {
  const certificates = { ca: '', cert: '', key: '' };

  test('is refused when the user made it, and left alone for ever', async () => {
    const foreign = { host: 'tcp://10.0.0.1:2376', owner: undefined };
    await contexts.write('dev', foreign, certificates);
    await contexts.setCurrent('dev');
    await expect(useContext('dev', url, place)).rejects.toMatchObject({
      code: 'CONTEXT_TAKEN',
      message: 'The Docker CLI has a context "dev" already, which was not made by tmachine',
      hint: 'remove it with "docker context rm dev", or go without: eval "$(tmachine env dev)"',
    });
    for (const change of [refreshContext, leaveContext, dropContext]) await change('dev', place);
    expect(await contexts.read('dev')).toEqual(foreign);
    expect(await useNone(place)).toEqual({ was: 'foreign', name: 'dev' });
    expect(await contexts.current()).toBe('dev');
    expect(notices).toEqual([]);
  });

  test('is refused when it is of a machine of another store, until that machine is gone', async () => {
    const store = join(temp.path, 'other');
    await mkdir(join(store, 'machines', 'dev'), { recursive: true });
    await contexts.write('dev', { host: url, owner: { store, machine: 'dev' } }, certificates);
    await expect(requireContextName('dev', place)).rejects.toMatchObject({
      code: 'CONTEXT_TAKEN',
      message: expect.stringContaining(store),
    });
    await dropContext('dev', place);
    await contexts.setCurrent('dev');
    expect(await machineOfContext(place)).toBeUndefined();
    await rm(store, { recursive: true });
    expect(await useContext('dev', url, place)).toBe('dev');
    expect(await machineOfContext(place)).toBe('dev');
  });
});

test('the machine "default" leaves the name to the default context of Docker', async () => {
  await addMachine('default');
  expect(await useContext('default', url, place)).toBe('tmachine-default');
  expect(await machineOfContext(place)).toBe('default');
});

test('a dead context is no place to stay on', async () => {
  await contexts.setCurrent('gone');
  expect(await useNone(place)).toEqual({ was: 'ours', name: 'gone' });
  expect(await contexts.current()).toBeUndefined();
});

test('without certificates there is no context', async () => {
  await rm(temp.store.layout.machine('dev').clientKey);
  await expect(useContext('dev', url, place)).rejects.toMatchObject({ code: 'CERTIFICATE_MISSING' });
  expect([await contexts.current(), await contexts.read('dev')]).toEqual([undefined, undefined]);
});

test('without a home folder there is no place for contexts, which only matters to who wants one', async () => {
  const homeless = { ...place, env: {} };
  await expect(requireContextName('dev', homeless)).rejects.toMatchObject({
    code: 'DOCKER_CONFIG_UNKNOWN',
    hint: 'name the folder: DOCKER_CONFIG=FOLDER',
  });
  await dropContext('dev', homeless);
  expect([await machineOfContext(homeless), notices]).toEqual([undefined, []]);
});
