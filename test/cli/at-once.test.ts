import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withPath, writeProgram } from '../support/fake-path.ts';
import { MachineBench } from '../support/machine-bench.ts';
import { describeWith } from '../support/requires.ts';
import type { TmachineResult } from '../support/run-tmachine.ts';

let bench: MachineBench;

beforeEach(async () => {
  bench = await MachineBench.make();
});

afterEach(async () => await bench[Symbol.asyncDispose]());

/** Files that only a process at work may have. */
async function leftovers(): Promise<readonly string[]> {
  const files = await readdir(bench.temp.path, { recursive: true });
  return files.filter((name) => /\.lock|\.tmp$|\.new$/.test(name));
}

describeWith(['qemu-system-x86_64'], 'one store', () => {
  test('stands 40 commands at once', { timeout: 120_000 }, async () => {
    const machine = await bench.start('dev');
    await bench.giveEngine(machine);
    for (const name of ['gone1', 'gone2', 'gone3']) await mkdir(join(bench.temp.path, 'machines', name));
    await bench.temp.add('other', 'nosuch', {});
    const expected: readonly (readonly [readonly string[], number])[] = [
      [['ls'], 0],
      [['ls', '-q'], 0],
      [['inspect', 'dev'], 0],
      [['status', 'dev'], 0],
      [['env', 'dev'], 0],
      [['config', 'dev'], 0],
      [['url', 'dev'], 0],
      [['create', 'DEV'], 1],
      [['create', '--qemu-address', machine.address, 'second'], 3],
      [['start', 'dev'], 1],
      [['start', 'other'], 1],
      [['regenerate-certs', 'dev'], 0],
    ];
    const removals = ['gone1', 'gone2', 'gone3'].map((name) => [['rm', '-f', name], 0] as const);
    const calls = [...expected, ...expected, ...expected, ...expected].slice(0, 37).concat(removals);
    const results = await Promise.all(
      calls.map(async ([args, exitCode]) => ({ args, exitCode, result: await bench.call(args, { input: 'n\n' }) })),
    );
    expect(results).toHaveLength(40);
    const wrong = results.filter(({ exitCode, result }) => result.exitCode !== exitCode);
    expect(wrong).toEqual([]);
    expect((await bench.call(['ls', '-q'])).stdout).toBe('dev\nother\n');
    expect((await bench.call(['status', 'dev'])).stdout).toBe('Running\n');
    expect(await leftovers()).toEqual([]);
  });

  test('makes one authority and eight addresses for eight machines created at once', { timeout: 120_000 }, async () => {
    const programs = join(bench.temp.path, 'programs');
    await mkdir(programs);
    const script = 'if [ "$1" = --version ]; then echo "QEMU emulator version 9.0.0"; else echo no >&2; exit 1; fi';
    await writeProgram(programs, 'qemu-system-x86_64', script);
    const env = { PATH: withPath(programs)['PATH'] ?? '' };
    const names = Array.from({ length: 8 }, (_, index) => `m${index}`);
    const args = ['create', '--keep-on-failure', '--qemu-accel', 'tcg', '--qemu-boot2docker-url', bench.imageFile];
    const results: readonly TmachineResult[] = await Promise.all(
      names.map(async (name) => await bench.call([...args, name], { env })),
    );
    for (const [index, { exitCode, stderr }] of results.entries()) {
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`Cannot start "m${index}": QEMU ended at once:\nno\n`);
    }
    const { certs, machine } = bench.temp.store.layout;
    const ca = new X509Certificate(await readFile(certs.caCert));
    const addresses = new Set<unknown>();
    for (const name of names) {
      const files = machine(name);
      expect(await readFile(files.caCert, 'utf8')).toBe(ca.toString());
      for (const file of [files.clientCert, files.serverCert])
        expect(new X509Certificate(await readFile(file)).verify(ca.publicKey)).toBe(true);
      addresses.add((await bench.temp.store.load(name)).data['IPAddress']);
    }
    expect(addresses.size).toBe(8);
    expect((await bench.call(['rm', '-f', ...names])).exitCode).toBe(0);
    expect(await bench.temp.store.names()).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  test('lets one of many creates of one name win, whatever its case', { timeout: 120_000 }, async () => {
    const programs = join(bench.temp.path, 'programs');
    await mkdir(programs);
    const script = 'if [ "$1" = --version ]; then echo "QEMU emulator version 9.0.0"; else echo no >&2; exit 1; fi';
    await writeProgram(programs, 'qemu-system-x86_64', script);
    const env = { PATH: withPath(programs)['PATH'] ?? '' };
    const args = ['create', '--keep-on-failure', '--qemu-accel', 'tcg', '--qemu-boot2docker-url', bench.imageFile];
    const names = ['same', 'Same', 'same', 'SAME'];
    const results = await Promise.all(names.map(async (name) => await bench.call([...args, name], { env })));
    expect(results.filter(({ stderr }) => stderr.includes('QEMU ended at once'))).toHaveLength(1);
    expect(results.filter(({ stderr }) => stderr.includes('already exists'))).toHaveLength(3);
    expect(await bench.temp.store.names()).toHaveLength(1);
  });

  test('is not blocked by locks of processes that are gone', async () => {
    await bench.temp.add('dev', 'nosuch', {});
    const lock = bench.temp.store.layout.lock('machine-dev');
    await mkdir(bench.temp.store.layout.locks, { recursive: true });
    await writeFile(lock, JSON.stringify({ pid: 2 ** 22 - 1, startedAt: 'long ago', token: 'x' }));
    expect((await bench.call(['rm', '-f', 'dev'])).exitCode).toBe(0);
    expect(await leftovers()).toEqual([]);
  });
});
