import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withPath, writeProgram } from '../support/fake-path.ts';
import { MachineBench } from '../support/machine-bench.ts';
import { describeWith } from '../support/requires.ts';
import { createScreen } from '../support/screen.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');
let bench: MachineBench;

beforeEach(async () => {
  bench = await MachineBench.make();
});

afterEach(async () => await bench[Symbol.asyncDispose]());

/** A store whose VBoxManage, QEMU and engine hang, each in its own way. */
async function hangEverywhere(folder: string): Promise<Readonly<Record<string, string>>> {
  await writeProgram(folder, 'VBoxManage', 'trap "" TERM; exec sleep 30');
  const silent = await bench.start('silent');
  await bench.giveEngine(silent, { silent: true });
  const frozen = await bench.start('frozen');
  await bench.giveEngine(frozen);
  await bench.temp.add('vbox', 'virtualbox', { VMID: 'x', IPAddress: '192.0.2.1', MachineName: 'vbox', SSHPort: 1 });
  await bench.temp.add('broken', 'nosuch', {});
  return { PATH: withPath(folder)['PATH'] ?? '', FROZEN: String(frozen.pid) };
}

describeWith(['qemu-system-x86_64', 'script'], 'ls', () => {
  test('is never late, and keeps address and state of what is silent', { timeout: 90_000 }, async () => {
    await using folder = await makeTempFolder();
    const env = await hangEverywhere(folder.path);
    // The first look finds one of them well.
    await bench.call(['ls', '--filter', 'name=frozen'], { env });
    const seen = JSON.parse(await readFile(bench.temp.store.layout.lastSeen, 'utf8'));
    expect(seen).toMatchObject({ frozen: { state: 'Running', url: expect.stringMatching(/^tcp:/) } });
    const records = await readFile(bench.temp.store.layout.machine('frozen').config, 'utf8');

    process.kill(Number(env['FROZEN']), 'SIGSTOP');
    const startedAt = performance.now();
    const { exitCode, stdout, stderr } = await bench.call(['ls', '-t', '4'], { env });
    const tookMs = performance.now() - startedAt;
    process.kill(Number(env['FROZEN']), 'SIGCONT');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^silent +qemu +Timeout +tcp:\S+ +no answer in 4 s; last known: Running$/m);
    expect(stdout).toMatch(/^frozen +qemu +Timeout +tcp:\S+ +no answer in 4 s; last known: Running$/m);
    expect(stdout).toMatch(/^vbox +virtualbox +Timeout +tcp:\/\/192\.0\.2\.1:2376 +no answer in 4 s$/m);
    expect(stdout).toMatch(/^broken +nosuch +Error /m);
    expect(tookMs).toBeLessThan(4000 + 2000);
    // A look changes no record.
    expect(await readFile(bench.temp.store.layout.machine('frozen').config, 'utf8')).toBe(records);
  });

  test('on a terminal shows rows as they are known, and ends with what it prints elsewhere', {
    timeout: 90_000,
  }, async () => {
    await using folder = await makeTempFolder();
    const env = await hangEverywhere(folder.path);
    const { screen, frames } = await onTerminal(['ls', '-t', '4'], env, '200');
    // A frame before the last has the machine that answered, while others are still awaited.
    expect(frames.some((frame) => /frozen.*Running/.test(frame) && !/Timeout/.test(frame))).toBe(true);
    const { stdout } = await bench.call(['ls', '-t', '4'], { env });
    expect(screen).toEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd()),
    );
    // Nothing is drawn where nothing can be, and a narrow window shows the same in the end.
    expect((await onTerminal(['ls', '-t', '1'], { ...env, TERM: 'dumb' }, '200')).frames).toHaveLength(1);
    const narrow = await onTerminal(['ls', '-t', '4'], env, '20');
    expect(narrow.screen.join('').replaceAll(' ', '')).toBe(stdout.replaceAll(/\s/g, ''));
  });

  test('is ended at once by Ctrl-C', async () => {
    await using folder = await makeTempFolder();
    const env = await hangEverywhere(folder.path);
    const startedAt = performance.now();
    const { exitCode, stdout } = await bench.call(['ls', '-t', '60'], {
      env,
      onStart: (child) => setTimeout(() => child.kill('SIGINT'), 1500),
    });
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

/** What a terminal of so many columns shows in the end, and what was drawn on the way. */
async function onTerminal(words: readonly string[], env: Readonly<Record<string, string>>, columns: string) {
  const command = `stty rows 40 cols ${columns} -onlcr; exec ${process.execPath} ${program} ${words.join(' ')}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...bench.temp.env, TERM: 'vt220', SHELL: '/bin/sh', ...env },
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  await new Promise((done) => child.once('close', done));
  const screen = createScreen(Number(columns));
  screen.write(shown);
  return { screen: screen.lines(), frames: shown.split('\u001b[J') };
}

describe('ls of odd stores', () => {
  test('a template with an error is refused before any machine is asked', async () => {
    await using folder = await makeTempFolder();
    await writeProgram(folder.path, 'VBoxManage', 'exec sleep 30');
    await bench.temp.add('vbox', 'virtualbox', { VMID: 'x', IPAddress: '', MachineName: 'vbox', SSHPort: 1 });
    const startedAt = performance.now();
    const { exitCode, stdout } = await bench.call(['ls', '-f', '{{.Name'], { env: withPath(folder.path) });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test('a master of a classic Swarm and its members name it', async () => {
    const add = async (name: string, Master: boolean) => {
      await bench.temp.add(name, 'nosuch', {});
      const record = await bench.temp.store.load(name);
      const SwarmOptions = { ...record.options.SwarmOptions, IsSwarm: true, Discovery: 'token://1', Master };
      await bench.temp.store.save({ ...record, options: { ...record.options, SwarmOptions } });
    };
    await add('boss', true);
    await add('worker', false);
    const format = '{{.Name}}|{{.Swarm}}|{{.ActiveSwarm}}|{{.SwarmOptions.Discovery}}|{{.EngineOptions.InstallURL}}';
    expect((await bench.call(['ls', '-f', format])).stdout).toBe(
      'boss|boss (master)|false|token://1|https://get.docker.com\nworker|boss|false|token://1|https://get.docker.com\n',
    );
    expect((await bench.call(['ls', '-q', '--filter', 'swarm=boss', '--filter', 'name=^w'])).stdout).toBe('worker\n');
    expect((await bench.call(['ls', '--filter', 'name=^w', '-f', '{{.Swarm}}'])).stdout).toBe('boss\n');
  });
});
