import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeOnExfat, mountExfat } from '../support/exfat.ts';
import { describeAsRoot } from '../support/requires.ts';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

const url = 'tcp://127.0.0.1:1';
let temp: TempStore;

beforeEach(async () => {
  temp = await makeTempStore();
});

afterEach(async () => await temp[Symbol.asyncDispose]());

const call = async (...args: string[]) => await runTmachine(args, { env: temp.env });
const addNone = async (name: string) =>
  await temp.add(name, 'none', { URL: url, IPAddress: '127.0.0.1:1', MachineName: name });

describe('a store with things of others', () => {
  test('lists machines and nothing else', async () => {
    await addNone('dev');
    const machines = join(temp.path, 'machines');
    await writeFile(join(machines, 'notes.txt'), 'mine');
    await symlink('nowhere', join(machines, 'dangling'));
    await symlink('notes.txt', join(machines, 'to-a-file'));
    await symlink('dev', join(machines, 'linked'));
    await mkdir(join(machines, '.hidden'));
    const server = createServer().listen(join(machines, 'socket'));
    execFileSync('mkfifo', [join(machines, 'pipe')]);
    await writeFile(join(temp.path, 'certs'), 'a file where a folder should be').catch(() => undefined);
    expect((await call('ls', '-q')).stdout).toBe('dev\nlinked\n');
    expect(await call('status', 'dangling')).toMatchObject({ exitCode: 1, stderr: /"dangling" does not exist/ });
    server.close();
  });

  test('reads no config.json that is a pipe, a folder, a socket or too large', async () => {
    const configOf = async (name: string) => {
      await mkdir(join(temp.path, 'machines', name), { recursive: true });
      return join(temp.path, 'machines', name, 'config.json');
    };
    execFileSync('mkfifo', [await configOf('pipe')]);
    await mkdir(await configOf('folder'));
    const server = createServer().listen(await configOf('socket'));
    const huge = await configOf('huge');
    await writeFile(huge, '{');
    await truncate(huge, 3 * 1024 ** 3);
    const { exitCode, stdout } = await call('ls');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^pipe .* Error .*config\.json: it is not a file$/m);
    expect(stdout).toMatch(/^folder .* Error .*config\.json: it is not a file$/m);
    expect(stdout).toMatch(/^socket .* Error .*config\.json: /m);
    expect(stdout).toMatch(/^huge .* Error .*config\.json: 3221225472 bytes are too many$/m);
    server.close();
  });

  test('of 500 machines is listed whole, in order', async () => {
    await addNone('m1');
    const { config } = temp.store.layout.machine('m1');
    const text = await readFile(config, 'utf8');
    for (let number = 2; number <= 500; number += 1) {
      await mkdir(join(temp.path, 'machines', `m${number}`));
      await writeFile(
        join(temp.path, 'machines', `m${number}`, 'config.json'),
        text.replaceAll('"m1"', `"m${number}"`),
      );
    }
    const names = Array.from({ length: 500 }, (_, index) => `m${index + 1}`);
    expect((await call('ls', '-q')).stdout).toBe(names.map((name) => `${name}\n`).join(''));
    const { exitCode, stdout } = await call('ls');
    expect([exitCode, stdout.match(/^m\d+ +- +none +Stopped /gm)?.length]).toEqual([0, 500]);
  });
});

describe('the storage path', () => {
  test('may be relative, by option and by variable, and the option wins', async () => {
    await addNone('dev');
    const cwd = join(temp.path, 'machines');
    const env = { HOME: '/nowhere' };
    expect((await runTmachine(['-s', '..', 'ls', '-q'], { env, cwd })).stdout).toBe('dev\n');
    expect((await runTmachine(['ls', '-q'], { env: { ...env, MACHINE_STORAGE_PATH: '../.' }, cwd })).stdout).toBe(
      'dev\n',
    );
    const other = { ...env, MACHINE_STORAGE_PATH: '/nowhere' };
    expect((await runTmachine(['ls', '-q', '-s', './..'], { env: other, cwd })).stdout).toBe('dev\n');
    expect((await runTmachine(['ls', '-q'], { env: { HOME: temp.path }, cwd })).stdout).toBe('');
  });

  test('is made absolute in what is stored', async () => {
    const env = { HOME: '/nowhere', MACHINE_STORAGE_PATH: 'here' };
    expect(await runTmachine(['create', '-d', 'none', '--url', url, 'dev'], { env, cwd: temp.path })).toMatchObject({
      exitCode: 0,
    });
    const record = JSON.parse(await readFile(join(temp.path, 'here', 'machines', 'dev', 'config.json'), 'utf8'));
    expect(record.HostOptions.AuthOptions.StorePath).toBe(join(temp.path, 'here', 'machines', 'dev'));
    expect(record.Driver.StorePath).toBe(join(temp.path, 'here'));
  });
});

test('MACHINE_TLS_… name the files of the authority and the client, which are made there and recorded', async () => {
  const at = (name: string) => join(temp.path, 'elsewhere', name);
  const tls = {
    MACHINE_TLS_CA_CERT: at('a.pem'),
    MACHINE_TLS_CA_KEY: at('a-key.pem'),
    MACHINE_TLS_CLIENT_CERT: at('c.pem'),
    MACHINE_TLS_CLIENT_KEY: at('c-key.pem'),
  };
  const accepted = {
    MACHINE_NATIVE_SSH: 'true',
    MACHINE_GITHUB_API_TOKEN: 't',
    MACHINE_BUGSNAG_API_TOKEN: 'no-report',
  };
  const env = { ...temp.env, ...tls, ...accepted, MACHINE_DRIVER: 'none', MACHINE_SWARM_IMAGE: 'swarm:1' };
  const made = await runTmachine(['create', '--url', url, 'dev'], { env });
  expect(made).toMatchObject({ exitCode: 0, stdout: '' });
  const { options } = await temp.store.load('dev');
  expect(options.AuthOptions).toMatchObject({
    CaCertPath: at('a.pem'),
    CaPrivateKeyPath: at('a-key.pem'),
    ClientCertPath: at('c.pem'),
    ClientKeyPath: at('c-key.pem'),
  });
  expect(options.SwarmOptions.Image).toBe('swarm:1');
  expect((await readdir(at('.'))).sort()).toEqual(['a-key.pem', 'a.pem', 'c-key.pem', 'c.pem']);
});

describeAsRoot(['unshare', 'mount'], 'a read-only store', () => {
  test('answers what is only read, and says that it cannot be written', async () => {
    await addNone('dev');
    const script = `mount --bind ${temp.path} ${temp.path} && mount -o remount,bind,ro ${temp.path} && exec "$@"`;
    const through = ['unshare', '-m', 'sh', '-c', script, 'sh'];
    const readOnly = async (...args: string[]) => await runTmachine(args, { env: temp.env, through });
    expect(await readOnly('ls', '-q')).toEqual({ exitCode: 0, stdout: 'dev\n', stderr: '' });
    expect(await readOnly('ls')).toMatchObject({ exitCode: 0, stdout: /^dev +- +none +Stopped/m, stderr: '' });
    expect(await readOnly('status', 'dev')).toEqual({ exitCode: 0, stdout: 'Stopped\n', stderr: '' });
    expect(await readOnly('url', 'dev')).toMatchObject({ stderr: expect.not.stringContaining('read-only') });
    expect(await readOnly('inspect', '-f', '{{.Name}}', 'dev')).toEqual({ exitCode: 0, stdout: 'dev\n', stderr: '' });
    for (const args of [
      ['rm', '-y', 'dev'],
      ['create', '-d', 'none', '--url', url, 'new'],
    ]) {
      const { exitCode, stdout, stderr } = await readOnly(...args);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toContain('the disk is read-only');
      expect(stderr).toContain('--storage-path');
    }
    expect(await temp.store.names()).toEqual(['dev']);
  });
});

describeAsRoot(['setpriv'], 'a store of another user', () => {
  test('is refused with what to do, and nothing is written', async () => {
    await addNone('dev');
    // The program where that user can read it, which the folder of this project may not be.
    await using folder = await makeTempFolder();
    const root = join(import.meta.dirname, '..', '..');
    for (const part of ['bin', 'dist', 'package.json', 'node_modules/commander'])
      await cp(join(root, part), join(folder.path, part), { recursive: true, dereference: true });
    await chmod(folder.path, 0o755);
    const program = join(folder.path, 'bin', 'tmachine.cjs');
    const through = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const asOther = async (...args: string[]) => await runTmachine(args, { env: temp.env, through, program });
    await chmod(temp.path, 0o700);
    expect(await asOther('ls')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: /Cannot list .*you may not read it\nTry: see whose it is/,
    });
    expect(await asOther('status', 'dev')).toMatchObject({ exitCode: 1, stderr: /config\.json: you may not read it/ });
    // A store that may be entered, with machines that may not be read.
    for (const path of [temp.path, join(temp.path, 'machines')]) await chmod(path, 0o755);
    expect((await asOther('ls')).stdout).toMatch(/^dev .* Error .*config\.json: you may not read it$/m);
    expect(await asOther('rm', '-y', 'dev')).toMatchObject({ exitCode: 1, stderr: /you may not/ });
    expect(await readdir(temp.path)).toEqual(['machines']);
  });
});

describeOnExfat('a store on exFAT', () => {
  test('works, and create warns of keys that others can read', async () => {
    await using disk = await mountExfat();
    const env = { HOME: temp.path, MACHINE_STORAGE_PATH: join(disk.path, 'store') };
    const there = async (...args: string[]) => await runTmachine(args, { env });
    const created = await there('create', '-d', 'none', '--url', url, 'dev');
    expect(created).toMatchObject({ exitCode: 0, stdout: '' });
    expect(created.stderr).toContain('on a file system without permissions of its own');
    expect((await there('ls')).stdout).toMatch(/^dev +- +none +Stopped/m);
    expect(await there('rm', '-y', 'dev')).toMatchObject({
      exitCode: 0,
      stderr: 'Successfully removed dev\n',
      stdout: '',
    });
    expect(await readdir(join(disk.path, 'store', 'locks'))).toEqual([]);
  });
});
