import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadOrCreateAuthority } from '../../src/certs/authority.ts';
import { authorityPaths } from '../../src/certs/authority-paths.ts';
import { writeMachineCertificates } from '../../src/certs/machine-certs.ts';
import { findFreePort } from '../../src/host/network.ts';
import { startFakeEngine } from '../support/fake-engine.ts';
import { runTmachine, type TmachineResult } from '../support/run-tmachine.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

const address = '127.0.0.1';
let temp: TempStore;

beforeEach(async () => {
  temp = await makeTempStore();
});
afterEach(async () => await temp[Symbol.asyncDispose]());

const call = async (...words: string[]): Promise<TmachineResult> => await runTmachine(words, { env: temp.env });

/** An engine of the store's own authority; the client's files are where the user would put them. */
async function startEngine(machine: string): Promise<AsyncDisposable & { readonly port: number }> {
  const paths = authorityPaths(join(temp.path, 'certs'), { caCert: '', caKey: '', clientCert: '', clientKey: '' });
  const { signal } = new AbortController();
  const authority = await loadOrCreateAuthority(paths, { user: 'me', now: new Date(), signal, platform: 'linux' });
  const request = { user: 'me', machine: 'engine', addresses: [address], extraNames: [], now: new Date() };
  const { certPem, keyPem } = await writeMachineCertificates(temp.path, authority, request);
  const { ca, client } = authority;
  const files = { 'ca.pem': ca.certPem, 'cert.pem': client.certPem, 'key.pem': client.keyPem };
  for (const [file, text] of Object.entries(files))
    await writeFile(join(temp.path, 'machines', machine, file), text, { mode: 0o600 });
  return await startFakeEngine(address, { ca: authority.ca.certPem, cert: certPem, key: keyPem });
}

describe('create -d none', () => {
  test("writes docker-machine's record and nothing else", async () => {
    const { exitCode, stdout, stderr } = await call('create', '-d', 'none', '--url', 'tcp://[::1]:2376', 'dev');
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: '' });
    expect(await readdir(join(temp.path, 'machines', 'dev'))).toEqual(['config.json']);
    expect(await readdir(join(temp.path, 'certs'))).toEqual(['ca-key.pem', 'ca.pem', 'cert.pem', 'key.pem']);
    const { Driver, DriverName } = JSON.parse(
      await readFile(join(temp.path, 'machines', 'dev', 'config.json'), 'utf8'),
    );
    expect(DriverName).toBe('none');
    expect(Object.entries(Driver)).toEqual([
      ['IPAddress', '[::1]:2376'],
      ['MachineName', 'dev'],
      ['SSHUser', ''],
      ['SSHPort', 0],
      ['SSHKeyPath', ''],
      ['StorePath', temp.path],
      ['SwarmMaster', false],
      ['SwarmHost', ''],
      ['SwarmDiscovery', ''],
      ['URL', 'tcp://[::1]:2376'],
    ]);
  });

  test.each([
    [[], /^--url option is required when no driver is selected$/m],
    [['--url', '1.2.3.4:2376'], /^Invalid value "1\.2\.3\.4:2376" for --url: it is not tcp:\/\/HOST:PORT$/m],
    [['--url', 'unix:///var/run/docker.sock'], /^Invalid value "unix:.*it is not tcp:\/\/HOST:PORT$/m],
    [['--url', 'tcp://'], /^Invalid value "tcp:\/\/" for --url/m],
  ])('%j is refused', async (words, message) => {
    const { exitCode, stderr } = await call('create', '-d', 'none', ...words, 'dev');
    expect([exitCode, await temp.store.names()]).toEqual([1, []]);
    expect(stderr).toMatch(message);
  });

  test('its help has the flag', async () => {
    expect((await call('help', 'create', '-d', 'none')).stdout).toMatch(/^Options of the driver:\n +--url TEXT /m);
  });
});

describe('an engine without a driver', () => {
  test('is shown, pointed at and forgotten', async () => {
    const folder = join(temp.path, 'machines', 'dev');
    await call('create', '-d', 'none', '--url', `tcp://${address}:1`, 'dev');
    await using engine = await startEngine('dev');
    const url = `tcp://${address}:${engine.port}`;
    await call('create', '-d', 'none', '--url', url, 'other');
    expect((await call('env', 'other')).stderr).toContain(
      'other/ca.pem is missing\nTry: put ca.pem, cert.pem and key.pem of that engine into this folder',
    );
    await call('rm', '-y', 'dev', 'other');
    await call('create', '-d', 'none', '--url', url, 'dev');
    await using again = await startEngine('dev');
    expect(again.port).not.toBe(engine.port);
    expect((await call('status', 'dev')).stdout).toBe('Running\n');
    expect((await call('ls', '-f', '{{.DriverName}} {{.State}} {{.URL}} {{.DockerVersion}}')).stdout).toBe(
      `none Running ${url} v26.1.5\n`,
    );
    expect((await call('url', 'dev')).stdout).toBe(`${url}\n`);
    expect((await call('ip', 'dev')).stdout).toBe(`${address}\n`);
    expect((await call('version', 'dev')).stdout).toBe('26.1.5\n');
    expect((await call('config', 'dev')).stdout).toContain(`\n-H=${url}\n`);
    expect((await call('env', '--shell', 'sh', 'dev')).stdout).toContain(`export DOCKER_CERT_PATH="${folder}"\n`);
    expect(await call('rm', '-y', 'dev')).toMatchObject({ exitCode: 0, stderr: 'Successfully removed dev\n' });
  });

  test('has no power, no inside and no certificates of ours', async () => {
    await call('create', '-d', 'none', '--url', `tcp://${address}:1`, 'dev');
    for (const verb of ['start', 'stop', 'restart', 'kill'])
      expect(await call(verb, 'dev')).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: `Cannot ${verb} "dev": none driver does not support ${verb}\n`,
      });
    for (const words of [
      ['ssh', 'dev', 'true'],
      ['provision', 'dev'],
      ['regenerate-certs', '-f', 'dev'],
    ])
      expect((await call(...words)).stderr).toContain('Cannot log in to "dev": its driver gives no SSH access');
    await call('regenerate-certs', '-f', '--client-certs', 'dev');
    expect(await readdir(join(temp.path, 'machines', 'dev'))).toEqual(['config.json']);
  });

  test('that nobody answers for is stopped or silent, and keeps its url', async () => {
    const port = await findFreePort(address);
    await call('create', '-d', 'none', '--url', `tcp://${address}:${port}`, 'closed');
    expect((await call('status', 'closed')).stdout).toBe('Stopped\n');
    expect((await call('env', 'closed')).stderr).toContain(
      'Error checking TLS connection: Host is not running\nTry: it cannot be reached',
    );
    expect((await call('url', 'closed')).stdout).toBe(`tcp://${address}:${port}\n`);
    await using full = await startFullServer();
    await call('create', '-d', 'none', '--url', `tcp://${address}:${full.port}`, 'silent');
    expect((await call('status', 'silent')).stdout).toBe('Timeout\n');
  });
});

/** A server that is blocked and whose queue of connections is full, so that the next one is never answered. */
async function startFullServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const script = `const server = require('node:net').createServer().listen({ host: '${address}', port: 0, backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);
  });`;
  const child = spawn(process.execPath, ['-e', script]);
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
  const sockets = Array.from({ length: 8 }, () => connect({ host: address, port }).on('error', () => undefined));
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}
