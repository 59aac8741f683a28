import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withPath, writeProgram } from '../support/fake-path.ts';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

let temp: TempStore;

beforeEach(async () => {
  temp = await makeTempStore();
});

afterEach(async () => await temp[Symbol.asyncDispose]());

test('ssh, env and their like of a machine that is off say what docker-machine says', async () => {
  await temp.add('dev', 'qemu', { MachineName: 'dev', IPAddress: '127.0.99.200', EnginePort: 2376, SSHPort: 2222 });
  await writeFile(join(temp.store.layout.machine('dev').directory, 'disk.img'), '');
  const call = async (...args: string[]) => await runTmachine(args, { env: temp.env });
  expect(await call('status', 'dev')).toEqual({ exitCode: 0, stdout: 'Stopped\n', stderr: '' });
  expect(await call('ssh', 'dev', 'true')).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'Error: Cannot run SSH command: Host "dev" is not running\nTry: start it: tmachine start dev\n',
  });
  for (const [command, prefix] of [
    ['ip', ''],
    ['url', ''],
    ['env', 'Error checking TLS connection: '],
    ['config', 'Error running connection boilerplate: '],
  ] as const)
    expect(await call(command, 'dev')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `${prefix}Host is not running\nTry: start it: tmachine start dev\n`,
    });
  expect(await call('stop', 'dev')).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: 'Machine "dev" is already stopped.\n',
  });
});

test('of several machines each failure names its own', async () => {
  for (const name of ['one', 'two']) {
    await temp.add(name, 'qemu', { MachineName: name, IPAddress: '127.0.99.200', EnginePort: 2376, SSHPort: 2222 });
    await writeFile(join(temp.store.layout.machine(name).directory, 'disk.img'), '');
  }
  expect(await runTmachine(['ip', 'one', 'two'], { env: temp.env })).toEqual({
    exitCode: 1,
    stdout: '',
    stderr:
      'one: Host is not running\ntwo: Host is not running\nTry: start it: tmachine start one\nTry: start it: tmachine start two\n',
  });
});

test('active tells that a machine did not answer in time', async () => {
  await temp.add('slow', 'virtualbox', { MachineName: 'slow', IPAddress: '192.168.99.100', VMID: 'slow' });
  await writeProgram(temp.path, 'VBoxManage', 'exec sleep 20');
  const { PATH = '' } = withPath(temp.path);
  const env = { ...temp.env, PATH, DOCKER_HOST: 'tcp://192.168.99.100:2376' };
  const startedAt = Date.now();
  expect(await runTmachine(['active', '--timeout', '1'], { env })).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'Error getting active host: timeout\nTry: give the machines more seconds with --timeout\n',
  });
  expect(Date.now() - startedAt).toBeLessThan(10_000);
});
