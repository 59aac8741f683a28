import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { qemuDriver } from '../../drivers/qemu/index.ts';
import { loadOrCreateAuthority } from '../../src/certs/authority.ts';
import { authorityPaths } from '../../src/certs/authority-paths.ts';
import { writeMachineCertificates } from '../../src/certs/machine-certs.ts';
import { resolveFlags } from '../../src/driver/resolve-flags.ts';
import { findFreePort } from '../../src/host/network.ts';
import { defaultHostOptions } from '../../src/store/host-options.ts';
import { createStore } from '../../src/store/machine-store.ts';
import { type FakeEngine, startFakeEngine } from '../support/fake-engine.ts';
import { describeWith } from '../support/requires.ts';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { installWindows, runWindows, type WindowsResult, windowsNode, windowsPath, wine } from '../support/windows.ts';

/**
 * The built program under Windows' own Node, called from Wine's cmd.exe. The machine's QEMU is one of this computer without a
 * guest, told what to do over a port, as on Windows; its engine is a server of the test.
 */
describeWith([wine, 'qemu-system-x86_64'], 'tmachine on Windows', () => {
  let folder: Awaited<ReturnType<typeof makeTempFolder>>;
  let engine: FakeEngine;
  let qemu: ChildProcess;
  let monitor: number;
  let home: string;

  beforeAll(async () => {
    await installWindows();
    folder = await makeTempFolder();
    home = join(folder.path, 'Users', 'Taro O’Hara');
    monitor = await findFreePort('127.0.0.1');
    qemu = spawn('qemu-system-x86_64', qemuWithMonitorAt(monitor), { stdio: 'ignore' });
    engine = await addMachine(join(home, '.docker', 'machine'), monitor);
    // npm's own start script relies on what GOTO does in Windows and not in Wine.
    const program = resolve(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');
    await mkdir(join(folder.path, 'bin'));
    await writeFile(join(folder.path, 'bin', 'tmachine.cmd'), `@"${windowsNode}" "${windowsPath(program)}" %*\r\n`);
    await writeFile(join(folder.path, 'dump.js'), 'console.log(JSON.stringify(process.env))');
  }, 180_000);

  afterAll(async () => {
    qemu.kill();
    await engine[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const at = (...names: string[]): string => windowsPath(join(folder.path, ...names));

  /** Runs lines of a batch file in the home of Taro. */
  async function batch(...lines: readonly string[]): Promise<WindowsResult> {
    const script = ['@echo off', 'set USERPROFILE=%TARO%', ...lines].map((line) => `${line}\r\n`).join('');
    await writeFile(join(folder.path, 'script.cmd'), script);
    const env = { WINEPATH: at('bin'), TARO: windowsPath(home), FOLDER: at(), AWAY: at('太郎') };
    return await runWindows(['cmd', '/c', at('script.cmd')], { env, cwd: folder.path });
  }

  test('answers as elsewhere', async () => {
    const lines = await batch(
      'call tmachine version',
      'call tmachine --help',
      'call tmachine env nope',
      'echo %ERRORLEVEL%',
    );
    const help = (await runTmachine(['--help'])).stdout;
    expect(lines.stdout.replaceAll('\r\n', '\n')).toBe(`${(await runTmachine(['version'])).stdout}${help}1\n`);
    expect(lines.stderr).toMatch(/^Docker machine "nope" does not exist\. /);
  });

  test('keeps its machines in the home of the user, by either of its names', async () => {
    const ask = 'call tmachine inspect -f "{{.Name}} {{.Driver.IPAddress}}" dev';
    const parts = ['set HOMEDRIVE=Z:', 'set HOMEPATH=%TARO:~2%', 'set USERPROFILE='];
    expect((await batch(ask, ...parts, ask)).stdout).toBe('dev 127.0.0.1\ndev 127.0.0.1\n');
    // Relative to the current folder of a drive, and with the separators of others.
    const named = ['Z:Users/Taro', '.\\Users\\Taro', '\\\\?\\Z:%FOLDER:~2%\\Users\\Taro'];
    const calls = named.map((folderName) => `call tmachine -s "${folderName} O’Hara/.docker/machine" ls -q`);
    expect((await batch(...calls.map((call) => call.replaceAll(' O’Hara', '%TARO:~-7%')))).stdout).toBe(
      'dev\n'.repeat(3),
    );
  });

  test('ls, status and url ask QEMU and the engine', async () => {
    const { stdout } = await batch(
      'call tmachine ls -f "{{.Name}} {{.State}} {{.URL}} {{.DockerVersion}}"',
      'call tmachine status dev',
      'call tmachine url dev',
    );
    const url = `tcp://127.0.0.1:${engine.port}`;
    expect(stdout).toBe(`dev Running ${url} v26.1.5\nRunning\n${url}\n`);
  });

  test('env knows that cmd asks, and cmd ends up with the variables', async () => {
    const take = ['SET', 'CALL'].map(
      (word) => `for /f "tokens=1*" %%y in ('tmachine env dev') do @if "%%y"=="${word}" ${word} %%z`,
    );
    const { stdout, stderr } = await batch(...take, `"${windowsNode}" %FOLDER%\\dump.js`);
    expect(stderr).toBe('');
    const seen = JSON.parse(stdout);
    expect(Object.fromEntries(Object.entries(seen).filter(([name]) => /^(DOCKER|COMPOSE)_/.test(name)))).toEqual({
      DOCKER_TLS_VERIFY: '1',
      DOCKER_HOST: `tcp://127.0.0.1:${engine.port}`,
      DOCKER_CERT_PATH: windowsPath(join(home, '.docker', 'machine', 'machines', 'dev')),
      DOCKER_MACHINE_NAME: 'dev',
      COMPOSE_CONVERT_WINDOWS_PATHS: 'true',
    });
  });

  test('env says how to run it again, also where PATH does not lead to it', async () => {
    const hint = async (call: string): Promise<string | undefined> =>
      (await batch(call)).stdout.trimEnd().split('\n').at(-1);
    expect(await hint('tmachine env -u')).toBe(`REM \t@FOR /f "tokens=*" %i IN ('tmachine env -u') DO @%i`);
    const program = windowsPath(resolve(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs'));
    const call = `"${windowsNode}" "${program}" env --shell powershell -u`;
    expect(await hint(`set PATH=C:\\windows\\system32\r\n${call}`)).toBe(`# & ${call} | Invoke-Expression`);
  });

  test.each([
    ['bash', 'export DOCKER_CERT_PATH="', '/', '"'],
    ['powershell', '$Env:DOCKER_CERT_PATH = "', '\\', '"'],
  ])('env writes paths as %s needs them', async (shell, before, separator, after) => {
    const path = windowsPath(join(home, '.docker', 'machine', 'machines', 'dev')).replaceAll('\\', separator);
    const plain = shell === 'powershell' ? path.replace('’', '$([char]0x2019)') : path;
    expect((await batch(`tmachine env --shell ${shell} dev`)).stdout.split('\n')[2]).toBe(`${before}${plain}${after}`);
  });

  test('env says when cmd would misread a path', async () => {
    const away = await addMachine(join(folder.path, '太郎'), monitor);
    const { stdout, stderr } = await batch('set MACHINE_STORAGE_PATH=%AWAY%', 'tmachine env dev');
    await away[Symbol.asyncDispose]();
    expect(stdout).toContain(`\nSET DOCKER_CERT_PATH=${at('太郎', 'machines', 'dev')}\n`);
    expect(stderr).toBe(
      'Warning: cmd misreads the characters beyond ASCII in these lines, unless you type "chcp 65001" before\n',
    );
  });
});

/** Waits for nothing and runs nothing. */
function qemuWithMonitorAt(port: number): readonly string[] {
  return ['-machine', 'none', '-nodefaults', '-display', 'none', '-qmp', `tcp:127.0.0.1:${port},server=on,wait=off`];
}

/** A store whose machine "dev" has an engine, as a Linux with the same disk would make it. */
async function addMachine(directory: string, monitor: number): Promise<FakeEngine> {
  const signal = AbortSignal.timeout(60_000);
  const store = createStore({ directory, platform: process.platform, signal });
  const { layout } = store;
  const options = { user: 'taro', now: new Date(), signal, platform: process.platform };
  const authority = await loadOrCreateAuthority(authorityPaths(layout.certs.directory), options);
  const files = layout.machine('dev');
  await mkdir(files.directory, { recursive: true });
  const server = await writeMachineCertificates(files.directory, authority, {
    user: 'taro',
    machine: 'dev',
    addresses: ['127.0.0.1'],
    extraNames: [],
    now: new Date(),
  });
  const certificates = { ca: authority.ca.certPem, cert: server.certPem, key: server.keyPem };
  const engine = await startFakeEngine('127.0.0.1', certificates);
  const place = { name: 'dev', storePath: directory, sshKeyPath: files.sshKey };
  const data = qemuDriver.configure(resolveFlags(qemuDriver.flags, {}, {}), place);
  const reached = { IPAddress: '127.0.0.1', EnginePort: engine.port, MonitorPort: monitor };
  await store.save({
    name: 'dev',
    driverName: 'qemu',
    data: { ...data, ...reached },
    options: defaultHostOptions(layout.certs, files),
  });
  return engine;
}
