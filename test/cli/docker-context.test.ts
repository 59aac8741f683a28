import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FakeEngine } from '../support/fake-engine.ts';
import { MachineBench, type TinyMachine } from '../support/machine-bench.ts';
import { describeWith } from '../support/requires.ts';

const run = promisify(execFile);

describeWith(['qemu-system-x86_64'], 'contexts of the Docker CLI', () => {
  let bench: MachineBench;
  let machine: TinyMachine;
  let engine: FakeEngine;
  let url: string;
  const settings = '{\n\t"auths": {},\n\t"psFormat": "table {{.ID}}"\n}';
  const config = (): string => join(bench.temp.path, '.docker', 'config.json');

  beforeAll(async () => {
    bench = await MachineBench.make();
    await mkdir(join(bench.temp.path, '.docker'));
    await writeFile(config(), settings);
    machine = await bench.start('dev');
    engine = await bench.giveEngine(machine);
    url = `tcp://${machine.address}:${engine.port}`;
  }, 60_000);

  afterAll(async () => await bench[Symbol.asyncDispose]());

  test('use puts the Docker CLI on the machine, which is active then', async () => {
    expect(await bench.call(['use', 'dev'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'The Docker CLI talks to "dev" now, by the context "dev".\n',
    });
    expect(await readFile(config(), 'utf8')).toBe(settings.replace('\n}', ',\n\t"currentContext": "dev"\n}'));
    expect((await bench.call(['active'])).stdout).toBe('dev\n');
    expect((await bench.call(['ls', '-f', '{{.Name}} {{.Active}} {{.ActiveHost}}'])).stdout).toBe('dev * true\n');
  });

  test('DOCKER_HOST and DOCKER_CONTEXT of the shell come first, and use says so', async () => {
    const env = { DOCKER_HOST: 'tcp://127.0.0.1:9' };
    expect((await bench.call(['active'], { env })).exitCode).toBe(1);
    expect((await bench.call(['ls', '-f', '{{.Active}}'], { env })).stdout).toBe('-\n');
    expect((await bench.call(['active'], { env: { DOCKER_CONTEXT: 'other' } })).exitCode).toBe(1);
    expect((await bench.call(['use', 'dev'], { env })).stderr).toContain(
      'DOCKER_HOST of this shell comes before the current context: unset it\n',
    );
    expect((await bench.call(['use', '-'], { env: { ...env, DOCKER_CONTEXT: 'dev' } })).stderr).toContain(
      'DOCKER_HOST and DOCKER_CONTEXT of this shell come before the current context: unset them\n',
    );
  });

  test.each([['-'], ['--none'], ['default']])('use %s goes back, and leaves config.json as it was', async (word) => {
    await bench.call(['use', 'dev']);
    expect(await bench.call(['use', word])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'The Docker CLI was on the context "dev", and is back on "default".\n',
    });
    expect(await readFile(config(), 'utf8')).toBe(settings);
    expect((await bench.call(['use', word])).stderr).toBe('The Docker CLI is on its default context already.\n');
    expect((await bench.call(['active'])).exitCode).toBe(1);
  });

  test('use without a name means "default", and takes one name', async () => {
    expect(await bench.call(['use'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no "default" machine'),
    });
    expect(await bench.call(['use', 'dev', 'other'])).toMatchObject({ exitCode: 1 });
    expect(await bench.call(['use', '--none', 'dev'])).toMatchObject({ exitCode: 1 });
    expect(await bench.call(['use', 'nosuch'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('does not exist'),
    });
  });

  test('DOCKER_CONFIG is honoured', async () => {
    const DOCKER_CONFIG = join(bench.temp.path, 'elsewhere');
    expect((await bench.call(['use', 'dev'], { env: { DOCKER_CONFIG } })).exitCode).toBe(0);
    expect(await readFile(join(DOCKER_CONFIG, 'config.json'), 'utf8')).toBe('{\n\t"currentContext": "dev"\n}');
    expect(await readFile(config(), 'utf8')).toBe(settings);
  });

  test('create --context refuses a name that is taken before anything is made', async () => {
    const DOCKER_CONFIG = join(bench.temp.path, 'taken');
    await run('cp', ['-r', join(bench.temp.path, 'elsewhere'), DOCKER_CONFIG]);
    const [id = ''] = await readdir(join(DOCKER_CONFIG, 'contexts', 'meta'));
    const meta = join(DOCKER_CONFIG, 'contexts', 'meta', id, 'meta.json');
    await writeFile(meta, (await readFile(meta, 'utf8')).replace('"tmachine"', '"other"'));
    const words = ['create', '--driver', 'qemu', '--context'];
    const env = { DOCKER_CONFIG, MACHINE_STORAGE_PATH: join(bench.temp.path, 'second') };
    expect(await bench.call([...words, 'dev'], { env })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^The Docker CLI has a context "dev" already, which was not made by tmachine\nTry: /,
      ),
    });
    await writeFile(join(DOCKER_CONFIG, 'config.json'), '{');
    expect(await bench.call([...words, 'another'], { env })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^Cannot read ".*config\.json", a file of the Docker CLI: .*\nTry: mend that file/),
    });
    expect(await readdir(bench.temp.path)).not.toContain('second');
  });

  describeWith(['docker'], 'with the Docker CLI of this computer', () => {
    test('docker version goes through the context, over TLS', async () => {
      await bench.call(['use', 'dev']);
      const env = { PATH: process.env['PATH'], HOME: bench.temp.path };
      const { stdout } = await run('docker', ['version', '--format', '{{.Client.Context}} {{.Server.Version}}'], {
        env,
      });
      expect(stdout).toBe('dev 26.1.5\n');
      expect(JSON.parse((await run('docker', ['context', 'inspect'], { env })).stdout)[0].Endpoints.docker.Host).toBe(
        url,
      );
    });
  });

  test('kill gives the Docker CLI back, and use of a machine that is off says so', async () => {
    await bench.call(['use', 'dev']);
    await engine[Symbol.asyncDispose]();
    const { exitCode, stderr } = await bench.call(['kill', 'dev']);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain(
      'The Docker CLI was on the context "dev", and is back on "default". To return: tmachine use dev\n',
    );
    expect(await readFile(config(), 'utf8')).toBe(settings);
    expect(await bench.call(['use', 'dev'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error checking TLS connection: Host is not running\nTry: start it: tmachine start dev\n',
    });
  });

  test('rm takes the context away, even from a machine that cannot be read', async () => {
    await writeFile(config(), '{"currentContext":"dev","a":1}');
    await writeFile(join(machine.directory, 'config.json'), 'nonsense');
    const { exitCode, stderr } = await bench.call(['rm', '-f', 'dev']);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('The Docker CLI was on the context "dev", and is back on "default".\n');
    expect(await readFile(config(), 'utf8')).toBe('{"a":1}');
    const contexts = join(bench.temp.path, '.docker', 'contexts');
    expect(await readdir(join(contexts, 'meta'))).toEqual([]);
    expect(await readdir(join(contexts, 'tls'))).toEqual([]);
  });
});
