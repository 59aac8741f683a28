import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { planConfigFolder } from '../../../src/docker-cli/config-folder.ts';
import { parseContext, planContextName } from '../../../src/docker-cli/context-record.ts';
import { type ContextCertificates, type DockerContexts, openContexts } from '../../../src/docker-cli/contexts.ts';
import { describeWith } from '../../support/requires.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { makeCertificate } from '../engine/certificates.ts';

const run = promisify(execFile);
const owner = { store: '/home/me/.docker/machine', machine: 'dev' };
const record = { host: 'tcp://127.0.0.1:2376', owner };
const certificates = { ca: 'the authority', cert: 'the certificate', key: 'the key' };

let temp: Awaited<ReturnType<typeof makeTempFolder>>;
let folder: string;
let contexts: DockerContexts;

beforeEach(async () => {
  temp = await makeTempFolder();
  folder = join(temp.path, '.docker');
  contexts = openContexts(folder, process.platform);
});

afterEach(async () => await temp[Symbol.asyncDispose]());

async function config(text: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'config.json');
  await writeFile(path, text);
  return path;
}

test('reading finds nothing and makes nothing where there is no Docker CLI', async () => {
  expect([await contexts.read('dev'), await contexts.current()]).toEqual([undefined, undefined]);
  await contexts.setCurrent(undefined);
  await contexts.remove('dev');
  expect(await readdir(temp.path)).toEqual([]);
});

test('a context is written, read, replaced and removed; its key is for the user alone', async () => {
  await contexts.write('dev', record, certificates);
  expect(await contexts.read('dev')).toEqual(record);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name).toSorted()).toEqual(['ca.pem', 'cert.pem', 'key.pem', 'meta.json']);
  const key = files.find(({ name }) => name === 'key.pem');
  expect(await readFile(join(key?.parentPath ?? '', 'key.pem'), 'utf8')).toBe('the key');
  expect((await stat(join(key?.parentPath ?? '', 'key.pem'))).mode & 0o777).toBe(0o600);
  expect((await stat(key?.parentPath ?? '')).mode & 0o777).toBe(0o700);
  await contexts.write('dev', { ...record, host: 'tcp://127.0.0.2:2376' }, { ...certificates, key: 'another key' });
  expect((await contexts.read('dev'))?.host).toBe('tcp://127.0.0.2:2376');
  expect(await readFile(join(key?.parentPath ?? '', 'key.pem'), 'utf8')).toBe('another key');
  await contexts.remove('dev');
  expect(await contexts.read('dev')).toBeUndefined();
  expect(await readdir(join(folder, 'contexts', 'meta'))).toEqual([]);
  expect(await readdir(join(folder, 'contexts', 'tls'))).toEqual([]);
});

test('config.json keeps its other bytes, its mode and its place behind a link', async () => {
  const text = '{\n  "auths": { "b\xfcro": {} }\n}\n';
  const path = join(temp.path, 'settings.json');
  await writeFile(path, text, 'latin1');
  await chmod(path, 0o640);
  await mkdir(folder);
  await symlink(path, join(folder, 'config.json'));
  await contexts.setCurrent('dev');
  expect(await readFile(path, 'latin1')).toBe('{\n  "auths": { "b\xfcro": {} },\n  "currentContext": "dev"\n}\n');
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect(await contexts.current()).toBe('dev');
  await contexts.setCurrent(undefined);
  expect(await readFile(path, 'latin1')).toBe(text);
  expect(await readdir(temp.path)).toEqual(['.docker', 'settings.json']);
});

test.each(['{"auths": {', '[]', 'binary \0', '{"currentContext": {}}'])(
  'a config.json of %j is refused and kept',
  async (text) => {
    const path = await config(text);
    const refusal = { code: 'DOCKER_CONFIG_UNREADABLE', message: expect.stringContaining(`Cannot read "${path}"`) };
    await expect(contexts.current()).rejects.toMatchObject(refusal);
    await expect(contexts.setCurrent('dev')).rejects.toMatchObject(refusal);
    await expect(contexts.setCurrent(undefined)).rejects.toMatchObject(refusal);
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);

test('a config.json that is read-only is refused and kept, even for root', async () => {
  const path = await config('{}');
  await chmod(path, 0o444);
  await expect(contexts.setCurrent('dev')).rejects.toMatchObject({
    code: 'DOCKER_CONFIG_NOT_WRITABLE',
    message: `Cannot write "${path}": it is marked read-only`,
    hint: expect.stringContaining('DOCKER_CONFIG='),
  });
  expect(await readFile(path, 'utf8')).toBe('{}');
  expect(await readdir(folder)).toEqual(['config.json']);
});

test('a folder that is a file is an error that names it', async () => {
  await writeFile(folder, '');
  const refusal = { code: 'DOCKER_CONFIG_NOT_WRITABLE', message: expect.stringContaining(folder) };
  await expect(contexts.write('dev', record, certificates)).rejects.toMatchObject(refusal);
  await expect(contexts.withLock(async () => undefined)).rejects.toMatchObject(refusal);
});

test('withLock() lets one work after the other, and leaves nothing behind', async () => {
  const others = [openContexts(folder, process.platform), contexts];
  let inside = 0;
  await Promise.all(
    [...others, ...others].map((each, index) =>
      each.withLock(async () => {
        inside += 1;
        expect(inside).toBe(1);
        await each.setCurrent(`m${index}`);
        inside -= 1;
      }),
    ),
  );
  expect(await contexts.current()).toMatch(/^m\d$/);
  expect(await readdir(join(folder, 'contexts'))).toEqual([]);
});

describe('planContextName()', () => {
  test.each([
    ['dev', 'dev'],
    ['my.host-2', 'my.host-2'],
    ['default', 'tmachine-default'],
    ['a', 'tmachine-a'],
    ['ma\u00dfe', undefined],
  ])('of %j is %j', (machine, name) => {
    expect(planContextName(machine)).toBe(name);
  });
});

describe('planConfigFolder()', () => {
  const at = (env: Readonly<Record<string, string>>, platform: NodeJS.Platform = 'linux') =>
    planConfigFolder({ env, platform, cwd: platform === 'win32' ? 'C:\\work' : '/place' });
  test('is DOCKER_CONFIG, else .docker in the home folder', () => {
    expect(at({ HOME: '/home/me' })).toBe('/home/me/.docker');
    expect(at({ HOME: '/home/me', DOCKER_CONFIG: '/etc/mine' })).toBe('/etc/mine');
    expect(at({ DOCKER_CONFIG: 'here' })).toBe('/place/here');
    expect(at({ USERPROFILE: 'C:\\Users\\me', HOME: '/c/Users/me' }, 'win32')).toBe('C:\\Users\\me\\.docker');
    expect(at({})).toBeUndefined();
  });
});

test.each(['', 'nonsense', '[]', '{"Metadata": {"tmachine": {"store": 1}}, "Endpoints": []}'])(
  "a meta.json of %j is nobody's",
  (text) => {
    expect(parseContext(text)).toEqual({ host: '', owner: undefined });
  },
);

describeWith(['docker'], 'the Docker CLI of this computer', () => {
  const docker = async (...words: readonly string[]) => {
    const env = { PATH: process.env['PATH'], HOME: temp.path };
    return (await run('docker', words, { env })).stdout;
  };

  /** It reads the certificates of every context it touches. */
  let real: ContextCertificates;
  beforeAll(async () => {
    const { cert, key } = await makeCertificate({ usage: 'authority' });
    real = { ca: cert, cert, key };
  });

  test('lists, shows and inspects a context of ours, and keeps its owner when it changes it', async () => {
    await contexts.write('dev', record, real);
    await contexts.setCurrent('dev');
    expect(await docker('context', 'inspect', '--format', '{{.Name}}')).toBe('dev\n');
    expect(
      await docker('context', 'ls', '--format', '{{.Name}} {{.Current}} {{.DockerEndpoint}} {{.Description}}'),
    ).toMatch(/^dev true tcp:\/\/127\.0\.0\.1:2376 Machine "dev"$/m);
    const [inspected] = JSON.parse(await docker('context', 'inspect', 'dev'));
    expect(inspected).toMatchObject({
      Name: 'dev',
      Endpoints: { docker: { Host: record.host, SkipTLSVerify: false } },
      TLSMaterial: { docker: ['ca.pem', 'cert.pem', 'key.pem'] },
    });
    await docker('context', 'update', '--description', 'mine', 'dev');
    expect(await contexts.read('dev')).toEqual(record);
  });

  test('and we agree on the current context, whoever has set it', async () => {
    await contexts.write('dev', record, real);
    await docker('context', 'use', 'dev');
    expect(await contexts.current()).toBe('dev');
    await contexts.setCurrent(undefined);
    expect(await docker('context', 'inspect', '--format', '{{.Name}}')).toBe('default\n');
    await contexts.setCurrent('dev');
    await docker('context', 'use', 'default');
    expect(await contexts.current()).toBeUndefined();
    await docker('context', 'rm', 'dev');
    expect(await contexts.read('dev')).toBeUndefined();
  });

  test('finds a context of the name it gave itself as foreign', async () => {
    await docker('context', 'create', 'dev', '--docker', 'host=tcp://127.0.0.1:1');
    expect(await contexts.read('dev')).toEqual({ host: 'tcp://127.0.0.1:1', owner: undefined });
  });
});
