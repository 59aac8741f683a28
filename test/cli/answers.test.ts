import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

let temp: TempStore;

beforeEach(async () => {
  temp = await makeTempStore();
});

afterEach(async () => await temp[Symbol.asyncDispose]());

const call = async (...args: string[]) => await runTmachine(args, { env: temp.env });

describe('rm', () => {
  const question =
    'About to remove a, b\nWARNING: This action will delete both local reference and remote instance.\nAre you sure? (y/n): ';

  beforeEach(async () => {
    for (const name of ['a', 'b', 'c']) await temp.add(name, 'nosuch', {});
  });

  test.each(['n\n', 'nope\n', '\n', ''])('asks about all, and %j removes nothing', async (input) => {
    const result = await runTmachine(['rm', 'a', 'b'], { env: temp.env, input });
    expect(result).toEqual({ exitCode: 1, stdout: '', stderr: `${question}\n` });
    expect(await temp.store.names()).toHaveLength(3);
  });

  test.each(['y\n', 'Y\n', 'yes\n'])('goes on with the answer %j', async (input) => {
    const { exitCode, stdout, stderr } = await runTmachine(['rm', 'a', 'b'], { env: temp.env, input });
    expect([exitCode, stdout]).toEqual([1, '']);
    for (const name of ['a', 'b'])
      expect(stderr).toMatch(
        new RegExp(`^Error removing host "${name}": Driver "nosuch" not found[^]*^Can't remove "${name}"$`, 'm'),
      );
    expect(await temp.store.names()).toHaveLength(3);
  });

  test('-f removes several, and does not mind one that never was', async () => {
    const { exitCode, stdout, stderr } = await call('rm', '-f', 'a', 'never', 'b', 'a');
    expect([exitCode, stdout]).toEqual([0, '']);
    for (const name of ['a', 'b']) expect(stderr).toContain(`Successfully removed ${name}\n`);
    expect(stderr).not.toContain('Successfully removed never');
    expect(await temp.store.names()).toEqual(['c']);
  });

  test('-y minds one that never was, and needs a name', async () => {
    const { exitCode, stderr } = await call('rm', '-y', 'never');
    expect([exitCode, stderr.split('\n')[0]]).toEqual([
      1,
      'Docker machine "never" does not exist. Use "tmachine ls" to list machines. Use "tmachine create" to add a new one.',
    ]);
    expect(await call('rm')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error: Expected to get one or more machine names as arguments\n',
    });
  });

  test('a name cannot lead out of the store', async () => {
    expect((await call('rm', '-f', '../certs', '..', '.')).exitCode).toBe(0);
    expect(await temp.store.names()).toHaveLength(3);
  });
});

describe('inspect', () => {
  test('prints config.json as it is stored, and values by template', async () => {
    await temp.add('dev', 'none', { URL: 'tcp://1.2.3.4:2376?a<b&c' });
    const config = await readFile(temp.store.layout.machine('dev').config, 'utf8');
    expect(await call('inspect', 'dev')).toEqual({ exitCode: 0, stdout: `${config}\n`, stderr: '' });
    expect(config).toContain('\\u003cb\\u0026c');
    const format = async (template: string) => await call('inspect', '-f', template, 'dev');
    expect((await format('{{.Name}} {{.Driver.URL}}')).stdout).toBe('dev tcp://1.2.3.4:2376?a<b&c\n');
    expect((await format('{{.Nope}}')).stdout).toBe('<no value>\n');
    expect((await format('{{json .HostOptions.EngineOptions.TlsVerify}}')).stdout).toBe('true\n');
    const bad = await format('{{.Name');
    expect([bad.exitCode, bad.stdout]).toEqual([1, '']);
    expect(bad.stderr).toMatch(/^template parsing error: /i);
  });

  test('of "default" needs no name', async () => {
    expect(await call('inspect')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: No machine name\(s\) specified and no "default" machine exists\n/),
    });
    await temp.add('default', 'none', {});
    expect((await call('inspect', '-f', '{{.Name}}')).stdout).toBe('default\n');
  });
});

describe('ls', () => {
  beforeEach(async () => {
    for (const name of ['m10', 'M2', 'm1']) await temp.add(name, 'nosuch', {});
  });

  test('sorts naturally, and shows errors in columns', async () => {
    const { stdout } = await call('ls');
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^NAME {3}ACTIVE {3}DRIVER {3}STATE {3}URL {3}SWARM {3}DOCKER {4}ERRORS$/);
    expect(lines.slice(1, 4).map((line) => line.split(' ')[0])).toEqual(['m1', 'M2', 'm10']);
    expect(lines[1]).toMatch(/^m1 +nosuch +Error +Unknown +Driver "nosuch" not found\. /);
    expect((await call('ls', '-q')).stdout).toBe('m1\nM2\nm10\n');
  });

  test.each([
    ['{{.Name}}\\t{{.State}}', 'm1\tError\nM2\tError\nm10\tError\n'],
    ['table {{.Name}}\\t{{.DriverName}}', 'NAME   DRIVER\nm1     nosuch\nM2     nosuch\nm10    nosuch\n'],
  ])('-f %j', async (format, text) => {
    expect(await call('ls', '-f', format)).toEqual({ exitCode: 0, stdout: text, stderr: '' });
  });

  test.each([
    [['--filter', 'x'], 'Unsupported filter syntax\n'],
    [['--filter', 'size=1'], "Unsupported filter key 'size'\n"],
    [['-f', '{{.Name'], ''],
    [['-f', '{{.Nope}}'], ''],
    [['extra'], 'Error: Too many arguments given\n'],
  ])('%j is refused', async (args, words) => {
    const { exitCode, stdout, stderr } = await call('ls', ...args);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr.startsWith(words)).toBe(true);
  });

  test('--filter joins one key with "or" and keys with "and"', async () => {
    expect((await call('ls', '-q', '--filter', 'name=^m1$', '--filter', 'name=2')).stdout).toBe('m1\nM2\n');
    expect((await call('ls', '-q', '--filter', 'name=2', '--filter', 'driver=qemu')).stdout).toBe('');
    expect((await call('ls', '-q', '--filter', 'name=2', '--filter', 'state=error')).stdout).toBe('M2\n');
  });

  test('of an empty store is its heading', async () => {
    await temp.store.remove('m1');
    await temp.store.remove('M2');
    await temp.store.remove('m10');
    expect((await call('ls')).stdout).toMatch(/^NAME .* ERRORS\n$/);
    expect((await call('ls', '-q')).stdout).toBe('');
  });
});

describe('env -u', () => {
  test.each([
    ['sh', 'unset DOCKER_TLS_VERIFY\nunset DOCKER_HOST\nunset DOCKER_CERT_PATH\nunset DOCKER_MACHINE_NAME\n'],
    ['fish', 'set -e DOCKER_TLS_VERIFY;\nset -e DOCKER_HOST;\n'],
    ['powershell', 'Remove-Item Env:\\\\DOCKER_TLS_VERIFY\n'],
    ['cmd', 'SET DOCKER_TLS_VERIFY=\n'],
    ['tcsh', 'unsetenv DOCKER_TLS_VERIFY;\n'],
    ['emacs', '(setenv "DOCKER_TLS_VERIFY" nil)\n'],
  ])('--shell %s', async (shell, text) => {
    const { exitCode, stdout, stderr } = await call('env', '-u', '--shell', shell);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.startsWith(text)).toBe(true);
  });

  test('takes no name', async () => {
    expect(await call('env', '-u', 'dev')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error: Expected no machine name when the -u flag is present\n',
    });
  });
});

describe('every command', () => {
  const one = ['status', 'env', 'config', 'inspect', 'url', 'version'];
  const several = ['ip', 'start', 'stop', 'restart', 'kill', 'provision', 'regenerate-certs'];

  test.each([...one, ...several, 'ssh', 'rm'])('%s of a machine that never was', async (command) => {
    const extra = command === 'rm' ? ['-y'] : command === 'regenerate-certs' ? ['-f'] : [];
    const { exitCode, stdout, stderr } = await call(command, ...extra, 'nope');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Docker machine "nope" does not exist. Use "tmachine ls" to list machines.');
  });

  test.each(one)('%s takes one name', async (command) => {
    expect(await call(command, 'a', 'b')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error: Expected one machine name as an argument\n',
    });
  });

  test('of several machines shows each failure', async () => {
    await temp.add('a', 'nosuch', {});
    const { exitCode, stdout, stderr } = await call('start', 'a', 'nope');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Driver "nosuch" not found.');
    expect(stderr).toContain('Docker machine "nope" does not exist.');
  });

  test('active without a machine says so', async () => {
    expect(await call('active')).toMatchObject({ exitCode: 1, stdout: '', stderr: /^No active host found\n/ });
    expect(await call('active', 'x')).toMatchObject({ exitCode: 1, stderr: 'Error: Too many arguments given\n' });
  });

  test.each([
    [['rm', '-y', 'nope'], 'MACHINE_NOT_FOUND', 1],
    [['create', '--qemu-program', 'no-such', 'x'], 'PREFLIGHT_FAILED', 3],
    [['status', '--nope'], 'USAGE', 2],
    [['create', 'a_b'], 'INVALID_NAME', 1],
  ])('%j writes JSON lines alone with --log-format json', async (args, code, status) => {
    const { exitCode, stdout, stderr } = await call('--log-format', 'json', ...args);
    expect([exitCode, stdout]).toEqual([status, '']);
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ type: 'failure', code, exitCode: status });
  });
});
