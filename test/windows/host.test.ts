import { appendFile, copyFile, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startDetached } from '../../src/host/detached.ts';
import { writeFileAtomic } from '../../src/host/files.ts';
import { findProgram } from '../../src/host/find-program.ts';
import { withLock } from '../../src/host/lock.ts';
import { run } from '../../src/host/run.ts';
import { runAttached } from '../../src/host/run-attached.ts';
import { spawnAttached } from '../../src/host/spawn-attached.ts';
import { storeDirectory } from '../../src/store/layout.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

/** These run on Windows alone, in a folder that is theirs: see test/contract/windows-units.test.ts. */
const platform = process.platform;
const signal = new AbortController().signal;
let folder: Awaited<ReturnType<typeof makeTempFolder>>;
const at = (...names: string[]): string => join(folder.path, ...names);

beforeEach(async () => {
  folder = await makeTempFolder();
});
afterEach(async () => await folder[Symbol.asyncDispose]());

test('this is Windows', () => expect(platform).toBe('win32'));

describe('writeFileAtomic()', () => {
  test('waits for a reader that has the old file open', async () => {
    await writeFile(at('a'), 'old');
    const reader = await open(at('a'), 'r');
    const written = writeFileAtomic(at('a'), 'new', 0o600);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await readFile(at('a'), 'utf8')).toBe('old');
    await reader.close();
    await written;
    expect(await readFile(at('a'), 'utf8')).toBe('new');
  });

  test('gives up on one that never closes it, and leaves the old file', async () => {
    await writeFile(at('a'), 'old');
    await using _reader = await open(at('a'), 'r');
    await expect(writeFileAtomic(at('a'), 'new', 0o600)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
    expect(await readFile(at('a'), 'utf8')).toBe('old');
  });
});

describe('withLock()', () => {
  test('lets one at a time work', async () => {
    const lock = { what: 'the test', timeoutMs: 20_000, signal, platform };
    let inside = 0;
    const work = async (): Promise<void> => {
      expect(++inside).toBe(1);
      await appendFile(at('log'), '.');
      inside--;
    };
    await Promise.all(Array.from({ length: 12 }, () => withLock(at('lock'), lock, work)));
    expect(await readFile(at('log'), 'utf8')).toBe('.'.repeat(12));
  });

  test('takes over from a process that is gone, whoever has its pid now', async () => {
    await writeFile(at('lock'), JSON.stringify({ pid: process.pid, startedAt: '', token: 'x' }));
    const lock = { what: 'the test', timeoutMs: 5000, signal, platform };
    expect(await withLock(at('lock'), lock, async () => 'mine')).toBe('mine');
  });

  test('waits for one that lives, and says who it is', async () => {
    const lock = { what: 'the test', timeoutMs: 500, signal, platform };
    const nested = withLock(at('lock'), lock, async () => await withLock(at('lock'), lock, async () => 'both'));
    await expect(nested).rejects.toMatchObject({ code: 'LOCKED', message: expect.stringContaining(`${process.pid}`) });
    expect(await withLock(at('lock'), lock, async () => 'mine')).toBe('mine');
  });
});

describe('findProgram()', () => {
  test('finds by PATH and PATHEXT, in folders with quotes around them too, and not where we are', async () => {
    await mkdir(at('a;b'));
    await writeFile(at('a;b', 'tool.CMD'), '');
    await writeFile('here.exe', '');
    const env = { pAtH: `C:\\nowhere;"${at('a;b')}";`, PATHEXT: '.EXE;.CMD' };
    expect(await findProgram('tool', { env, platform })).toBe(at('a;b', 'tool.cmd'));
    expect(await findProgram('tool.cmd', { env, platform })).toBe(at('a;b', 'tool.cmd'));
    expect(await findProgram('tool.1', { env, platform })).toBeUndefined();
    expect(await findProgram('here', { env, platform })).toBeUndefined();
  });
});

describe('a program that lies in the current folder', () => {
  test('is started by none', async () => {
    await copyFile(process.execPath, 'docker.exe');
    const env = { ...process.env, PATH: 'C:\\windows\\system32' };
    const command = { program: 'docker', args: ['--version'] };
    const missing = { code: 'PROGRAM_NOT_FOUND' };
    const streams = { stdout: process.stdout, stderr: process.stderr };
    await expect(run(command, { env, signal })).rejects.toMatchObject(missing);
    await expect(runAttached(command, { env, signal })).rejects.toMatchObject(missing);
    await expect(spawnAttached(command, streams, { env, signal })).rejects.toMatchObject(missing);
    const detached = { env, platform, logFile: at('log') };
    await expect(startDetached(command, detached)).rejects.toMatchObject(missing);
  });
});

describe('run()', () => {
  const hostile = ['', 'a b', 'a"b', '"', 'C:\\a b\\', '%PATH%', 'a&b|c', '^', '!x!', '(x86)', '太郎', '*'];
  const echo = 'console.log(JSON.stringify(process.argv.slice(1)))';

  test('hands over arguments as they are', async () => {
    const { stdout } = await run(
      { program: process.execPath, args: ['-e', echo, '--', ...hostile] },
      { env: process.env, signal },
    );
    expect(JSON.parse(stdout)).toEqual(hostile);
  });
});

describe('storeDirectory()', () => {
  const choose = (option: string, env: Record<string, string> = {}): string =>
    storeDirectory({ option, env, platform, cwd: 'C:\\Users\\Taro' });

  test.each([
    ['machines', 'C:\\Users\\Taro\\machines'],
    ['C:machines', 'C:\\Users\\Taro\\machines'],
    ['\\machines', 'C:\\machines'],
    ['D:/my machines/', 'D:\\my machines'],
    ['//server/share/machines', '\\\\server\\share\\machines'],
    ['\\\\server\\share', '\\\\server\\share\\'],
  ])('%j is %s', (option, directory) => expect(choose(option)).toBe(directory));
});
