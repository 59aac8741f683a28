import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

describe('the package as it is published', () => {
  let temp: Awaited<ReturnType<typeof makeTempFolder>>;
  let tarball: string;
  let folder: string;
  let files: readonly string[];

  beforeAll(async () => {
    temp = await makeTempFolder();
    // Without scripts, because other tests run the build that is there now.
    await npm('pack', '--ignore-scripts', '--pack-destination', temp.path);
    const [name = ''] = await readdir(temp.path);
    tarball = join(temp.path, name);
    // Unpacked below a folder that has the packages it depends on, as an installation does.
    folder = join(temp.path, 'node_modules', 'tmachine');
    await mkdir(folder, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
    files = await listFiles(folder);
    const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    await Promise.all(Object.keys(dependencies).map((dependency) => link(dependency)));
  }, 60_000);

  afterAll(async () => await temp[Symbol.asyncDispose]());

  async function link(dependency: string): Promise<void> {
    const target = join(temp.path, 'node_modules', dependency);
    await mkdir(join(target, '..'), { recursive: true });
    await symlink(join(root, 'node_modules', dependency), target);
  }

  const call = (...args: string[]) =>
    runTmachine(args, {
      program: join(folder, 'bin', 'tmachine.cjs'),
      cwd: temp.path,
      env: { HOME: temp.path, MACHINE_STORAGE_PATH: join(temp.path, 'store') },
    });

  test('publint finds nothing to say about it', async () => {
    const bytes = await readFile(tarball);
    const { messages, pkg } = await publint({
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test('tmachine version runs from it', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(await call('version')).toEqual({ exitCode: 0, stdout: `tmachine version ${version}\n`, stderr: '' });
  });

  test('tmachine --help runs from it', async () => {
    const { exitCode, stdout } = await call('--help');
    expect({ exitCode, isHelp: stdout.startsWith('Usage: tmachine') }).toEqual({ exitCode: 0, isHelp: true });
  });

  test('create knows the drivers that come with it', async () => {
    const { exitCode, stdout } = await call('create', '--driver', 'qemu', '--help');
    expect({ exitCode, hasFlags: stdout.includes('--qemu-memory') }).toEqual({ exitCode: 0, hasFlags: true });
  });

  test('tmachine/driver can be imported, and brings its types', async () => {
    const script = "console.log(Object.keys(await import('tmachine/driver')).includes('TmachineError'))";
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: temp.path });
    expect(stdout).toBe('true\n');
    const { exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(await readFile(join(folder, exports['./driver'].types), 'utf8')).toContain('DriverDefinition');
  });

  test('it has the files that are read as it runs: of the guest, keys, threads', async () => {
    const guest = join(root, 'src', 'image', 'guest', 'files');
    const needed = [
      ...(await listFiles(guest)).map((file) => `files/${file}`),
      ...(await readdir(join(root, 'src', 'image', 'debian', 'keys'))).filter((name) => name.endsWith('.asc')),
      ...(await listFiles(join(root, 'src')))
        .filter((file) => file.endsWith('-worker.js'))
        .map((file) => basename(file)),
    ];
    expect(needed.length).toBeGreaterThan(30);
    expect(needed.filter((name) => !files.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
  });

  test('the program, its files and its words are all there is in it', () => {
    const strangers = files.filter(
      (file) => !/^(bin|dist|docs)\/|^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/.test(file),
    );
    const sources = files.filter((file) => /\.test\.|(^|\/)test\/|(?<!\.d)\.ts$/.test(file));
    expect({ strangers, sources }).toEqual({ strangers: [], sources: [] });
    expect(files).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'LICENSE']));
  });
});

/** Through the npm that runs these tests, else the one on PATH. */
async function npm(...args: readonly string[]): Promise<void> {
  const script = process.env['npm_execpath'];
  const [program, words] = script === undefined ? ['npm', args] : [process.execPath, [script, ...args]];
  await run(program, words, { cwd: root });
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
