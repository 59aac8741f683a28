import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');

let temp: TempStore;

beforeEach(async () => {
  temp = await makeTempStore();
});

afterEach(async () => await temp[Symbol.asyncDispose]());

const call = (...args: string[]) => runTmachine(args, { env: temp.env });

describe('version and help', () => {
  test.each([['version'], ['--version'], ['-v'], ['-D', 'version']])(
    'tmachine %s prints the version',
    async (...args) => {
      const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
      expect(await call(...args)).toEqual({ exitCode: 0, stdout: `tmachine version ${version}\n`, stderr: '' });
    },
  );

  test.each([[], ['--help'], ['-h'], ['help'], ['h'], ['-D', '--help']])(
    'tmachine %s lists the commands',
    async (...args) => {
      const { exitCode, stdout, stderr } = await call(...args);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^ {2}create +Make a machine$/m);
      expect(stdout).toContain('$MACHINE_STORAGE_PATH');
    },
  );

  test.each([
    ['help', 'status'],
    ['status', '--help'],
    ['status', 'x', '-h'],
    ['-D', 'status', '-help'],
  ])('tmachine %s %s explains a command', async (...args) => {
    const { exitCode, stdout } = await call(...args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Usage: tmachine status \[options\] \[name\]\n\nPrint the state/);
  });

  test('help of ssh needs no machine, and a later --help is for the machine', async () => {
    expect((await call('ssh', '--help')).stdout).toMatch(/^Usage: tmachine ssh/);
    expect((await call('ssh', 'nope', '--help')).stderr).toContain('"nope" does not exist');
  });
});

describe('wrong command lines', () => {
  test('an unknown command gets docker-machine words and a suggestion', async () => {
    expect(await call('statsu')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: "tmachine: 'statsu' is not a tmachine command. See 'tmachine --help'.\nTry: tmachine status\n",
    });
  });

  test('an unknown flag exits 2 and names the help', async () => {
    const { exitCode, stderr } = await call('status', '--nope', 'x');
    expect(exitCode).toBe(2);
    expect(stderr).toBe("Unknown option '--nope'\nTry: tmachine status --help\n");
  });

  test('a bad value of a global variable is named', async () => {
    const { exitCode, stderr } = await runTmachine(['status', 'x'], { env: { ...temp.env, MACHINE_DEBUG: 'maybe' } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('MACHINE_DEBUG');
  });

  test('failures are JSON where JSON was asked for', async () => {
    const { stderr } = await call('--log-format', 'json', 'status', 'x');
    expect(JSON.parse(stderr)).toMatchObject({ type: 'failure', code: 'MACHINE_NOT_FOUND', exitCode: 1 });
  });
});

describe('the store', () => {
  test('is found by option, before or after the command, then variable, then home', async () => {
    const folders = ['one', 'two', 'home/.docker/machine'];
    for (const folder of folders) await mkdir(join(temp.path, folder, 'machines', 'default'), { recursive: true });
    const env = { HOME: join(temp.path, 'home') };
    const stderr = async (args: string[], more = {}) =>
      (await runTmachine(args, { env: { ...env, ...more }, cwd: temp.path })).stderr;
    expect(await stderr(['-s', 'one', 'inspect'])).toContain(join(temp.path, 'one', 'machines'));
    expect(await stderr(['inspect', '--storage-path=one'])).toContain(join(temp.path, 'one', 'machines'));
    expect(await stderr(['inspect'], { MACHINE_STORAGE_PATH: 'two' })).toContain(join(temp.path, 'two', 'machines'));
    expect(await stderr(['inspect'])).toContain(join(temp.path, 'home', '.docker', 'machine'));
  });

  test('is not written by commands that only read', async () => {
    await call('status', 'x');
    await call('ls');
    await call('active');
    expect(await readdir(temp.path)).toEqual([]);
  });
});

test('a reader that leaves early is no failure', async () => {
  await temp.add('dev', 'none', { URL: 'tcp://1.2.3.4:2376', Big: 'x'.repeat(2_000_000) });
  const { exitCode, stderr } = await runTmachine(['inspect', 'dev'], {
    env: temp.env,
    onStart: (child) => child.stdout.destroy(),
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test('output that cannot be written is a failure', async () => {
  const command = `exec "${process.execPath}" "${program}" help status > /dev/full`;
  const failed = await run('sh', ['-c', command], { env: { ...temp.env, PATH: process.env['PATH'] ?? '' } }).catch(
    (error: unknown) => error,
  );
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('Cannot write to standard output') });
});

test('a bug shows its stack, leaves a log without secrets, and exits 70', async () => {
  await temp.add('dev', 'none', {});
  const script = await writeRoot("throw new TypeError('boom, password=hunter2')");
  const env = { ...temp.env, PATH: process.env['PATH'] ?? '' };
  const failed = await run(process.execPath, [script, 'status', 'dev'], { env }).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 70, stderr: expect.stringContaining('TypeError: boom, password=[hidden]') });
  const logs = join(temp.path, 'logs');
  const [log = ''] = await readdir(logs);
  const text = await readFile(join(logs, log), 'utf8');
  expect(text).toContain('tmachine 9.9.9');
  expect(text).toContain('["status","dev"]');
  expect(text).not.toContain('hunter2');
});

test('work that does not end at the first Ctrl-C is told of, and ends at the second', async () => {
  await temp.add('dev', 'none', {});
  const script = await writeRoot(
    "process.stderr.write('ready'); return new Promise((resolve) => setTimeout(resolve, 60_000))",
  );
  const child = spawn(process.execPath, [script, 'status', 'dev'], { env: { ...temp.env, PATH: '' } });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    child.kill('SIGINT');
  });
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  expect(exitCode).toBe(130);
  expect(stderr).toBe('readyWarning: Interrupted: undoing what was begun. Press Ctrl-C again to stop at once\n');
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s during a question ends with 130', async (signal) => {
  await temp.add('dev', 'none', { URL: 'tcp://1.2.3.4:2376' });
  const child = spawn(process.execPath, [program, 'rm', 'dev'], { env: { ...temp.env, PATH: '' } });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    if (stderr.includes('Are you sure?') && !child.killed) child.kill(signal);
  });
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(/\(y\/n\): \nInterrupted\n$/);
  expect(await temp.store.names()).toEqual(['dev']);
});

test.each([
  ['y\n', true],
  ['n\n', false],
  ['', false],
])('rm with the answer %j goes on: %j', async (input, goesOn) => {
  await temp.add('dev', 'nosuch', {});
  const { exitCode, stdout, stderr } = await runTmachine(['rm', 'dev'], { env: temp.env, input });
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain('About to remove dev\nWARNING: ');
  expect(stderr.includes('Driver "nosuch" not found')).toBe(goesOn);
});

/** A program like ours whose drivers cannot be loaded as usual. */
async function writeRoot(drivers: string): Promise<string> {
  const script = join(temp.path, 'composition-root.mjs');
  const main = new URL('../../dist/src/cli/main.cjs', import.meta.url).href;
  const text = `import { main } from ${JSON.stringify(main)};
    const drivers = () => { ${drivers} };
    process.exit(await main({ process, version: '9.9.9', drivers }));`;
  await writeFile(script, text);
  return script;
}
