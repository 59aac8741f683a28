import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { builtInDrivers } from '../../drivers/index.ts';
import type { EventBody } from '../../src/events/event.ts';
import { warnOfMisfit } from '../../src/machine/docker-cli.ts';
import type { EngineQuirks, FakeEngine } from '../support/fake-engine.ts';
import { writeProgram } from '../support/fake-path.ts';
import { MachineBench, type TinyMachine } from '../support/machine-bench.ts';
import { describeWith } from '../support/requires.ts';
import type { TmachineResult } from '../support/run-tmachine.ts';

describeWith(['qemu-system-x86_64'], 'a Docker CLI beside an engine', () => {
  let bench: MachineBench;
  let machine: TinyMachine;
  let bin: string;
  let engine: FakeEngine;

  beforeAll(async () => {
    bench = await MachineBench.make();
    machine = await bench.start('dev');
  }, 60_000);

  beforeEach(async () => {
    bin = join(bench.temp.path, `bin${Math.random()}`);
    await mkdir(bin);
  });

  afterAll(async () => await bench[Symbol.asyncDispose]());

  /** The first program named docker on PATH, and the engine of `dev`. */
  async function given(cli: string | undefined, quirks: EngineQuirks): Promise<void> {
    if (cli !== undefined) await writeProgram(bin, 'docker', `echo 'Docker version ${cli}, build 0123456'`);
    engine = await bench.giveEngine(machine, quirks);
  }

  async function call(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<TmachineResult> {
    return await bench.call(words, { env: { PATH: bin, ...more } });
  }

  const env = ['env', '--shell', 'bash', 'dev'];

  test('29.0 to 29.2 are held to the API of an engine below 1.44, and that is said', async () => {
    await given('29.1.0', { apiVersion: '1.40' });
    const { exitCode, stdout, stderr } = await call(env);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^export DOCKER_MACHINE_NAME="dev"\nexport DOCKER_API_VERSION="1\.40"\n# Run/m);
    expect(stderr).toBe(
      'Warning: The Docker CLI 29.1.0 cannot speak with the engine of "dev" by itself: it takes no API below 1.44, and the engine ' +
        'has 1.40. DOCKER_API_VERSION=1.40 is set for that; Docker CLI 29.3 or newer needs no such help\n',
    );
    expect((await call(['use', 'dev'])).stderr).toContain('Set DOCKER_API_VERSION=1.40 for that; ');
  });

  test('29.3 and newer cannot be helped with an engine below 1.40', async () => {
    await given('29.3.1', { apiVersion: '1.39' });
    const { exitCode, stdout, stderr } = await call(env);
    expect([exitCode, stdout.includes('DOCKER_API_VERSION')]).toEqual([0, false]);
    expect(stderr).toMatch(
      /^Warning: The Docker CLI 29\.3\.1 cannot speak with .* takes no API below 1\.40, .*\. Install Docker CLI 28\n$/,
    );
  });

  test('one before 25 is told that an engine does not take it', async () => {
    await given('20.10.24+dfsg1', { apiVersion: '1.52', minApiVersion: '1.44' });
    const { exitCode, stdout, stderr } = await call(env);
    expect([exitCode, stdout.includes('DOCKER_API_VERSION')]).toEqual([0, false]);
    expect(stderr).toBe(
      'Warning: The Docker CLI 20.10.24+dfsg1 cannot speak with the engine of "dev": it has API 1.41, and the engine takes none ' +
        'below 1.44. Install Docker CLI 25 or newer\n',
    );
  });

  test.each([
    ['29.1.0', { apiVersion: '1.44' }],
    ['29.3.1', { apiVersion: '1.40' }],
    ['28.2.2', { apiVersion: '1.40' }],
    ['20.10.24', { apiVersion: '1.52', minApiVersion: '1.40' }],
    ['20.10.24', { apiVersion: '1.45' }],
  ] as const)('%s and an engine with %j need no word', async (cli, quirks) => {
    await given(cli, quirks);
    const { exitCode, stdout, stderr } = await call(env);
    expect([exitCode, stdout.includes('DOCKER_API_VERSION'), stderr]).toEqual([0, false, '']);
  });

  describe('the answer of the engine is not waited for', () => {
    test('where there is no Docker CLI', async () => {
      await given(undefined, { silent: true });
      expect(await call(env)).toMatchObject({ exitCode: 0, stderr: '' });
    });

    test('where the Docker CLI is known to speak with all engines', async () => {
      await given('28.2.2', {});
      await call(env);
      await engine[Symbol.asyncDispose]();
      engine = await bench.giveEngine(machine, { silent: true });
      expect(await call(env)).toMatchObject({ exitCode: 0, stderr: '' });
    });
  });

  test('an advice is not given after it was followed, even where a script hides the change', async () => {
    await given(undefined, { apiVersion: '1.40' });
    await writeProgram(bin, 'docker', `'${join(bin, 'real')}' "$@"`);
    await writeProgram(bin, 'real', "echo 'Docker version 29.1.0, build 0123456'");
    expect((await call(env)).stderr).toContain('29.1.0 cannot speak');
    await writeProgram(bin, 'real', "echo 'Docker version 29.3.0, build 0123456'");
    expect(await call(env)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('after a creation it is told what env will do, and no failure is made of it', async () => {
    await given('29.1.0', { apiVersion: '1.40' });
    const events: unknown[] = [];
    const emit = (event: unknown): unknown => events.push(event);
    const globals = { tlsCaCert: '', tlsCaKey: '', tlsClientCert: '', tlsClientKey: '', sshClient: 'native' } as const;
    const context = {
      ...{ store: bench.temp.store, env: { ...bench.temp.env, PATH: bin }, platform: process.platform },
      ...{ cwd: bench.temp.path, signal: new AbortController().signal, globals, emit, emitFor: () => emit },
      drivers: async () => builtInDrivers,
      findPlugin: async () => undefined,
    };
    await warnOfMisfit('dev', context);
    const text = expect.stringContaining('"tmachine env dev" sets DOCKER_API_VERSION=1.40 for that; ');
    expect(events).toContainEqual({ type: 'notice', level: 'warning', text });
    await engine[Symbol.asyncDispose]();
    events.length = 0;
    await warnOfMisfit('dev', context);
    expect(events.filter((event) => (event as EventBody).type === 'notice')).toEqual([]);
  });

  test('DOCKER_API_VERSION goes with the machine it was set for', async () => {
    await given('29.1.0', { apiVersion: '1.52', minApiVersion: '1.44' });
    const left = { DOCKER_API_VERSION: '1.40', DOCKER_MACHINE_NAME: 'old' };
    expect((await call(env, left)).stdout).toContain('\nexport DOCKER_MACHINE_NAME="dev";\nunset DOCKER_API_VERSION\n');
    expect((await call(env, { DOCKER_API_VERSION: '1.40' })).stdout).not.toContain('DOCKER_API_VERSION');
    const unset = ['env', '--shell', 'bash', '-u'];
    expect((await call(unset, left)).stdout).toContain('unset DOCKER_MACHINE_NAME\nunset DOCKER_API_VERSION\n');
    expect((await call(unset)).stdout).not.toContain('DOCKER_API_VERSION');
  });
});
