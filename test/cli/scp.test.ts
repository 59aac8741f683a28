import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CopyBench, type CopyMachine } from '../support/copy-bench.ts';
import { describeWith } from '../support/requires.ts';
import type { TmachineResult } from '../support/run-tmachine.ts';

describeWith(['qemu-system-x86_64', 'sshd', 'ssh'], 'scp', () => {
  let bench: CopyBench;
  let dev: CopyMachine;
  let other: CopyMachine;
  /** Fresh for each test: here, and in the machine. */
  let here: string;
  let there: string;
  let client: string;

  beforeAll(async () => {
    bench = await CopyBench.make();
    [dev, other] = [await bench.start('dev'), await bench.start('other')];
  }, 60_000);
  afterAll(async () => await bench?.[Symbol.asyncDispose]());
  beforeEach(() => {
    client = 'native';
    here = mkdtempSync(join(bench.folder, 'here '));
    there = mkdtempSync(join(dev.home, 'there '));
  });

  const scp = async (...words: readonly string[]): Promise<TmachineResult> =>
    await bench.call(['--ssh-client', client, 'scp', ...words], { cwd: here });
  /** A path in the machine as a user names it. */
  const inDev = (...names: readonly string[]): string => `dev:${join(there, ...names).replace(`${dev.home}/`, '')}`;
  const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
  const succeeds = async (...words: readonly string[]): Promise<void> => {
    const { exitCode, stdout, stderr } = await scp(...words);
    expect({ exitCode, stdout, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  };
  const fails = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await scp(...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    return stderr;
  };

  /** Several levels, an empty folder, modes, links, and names that hurt. */
  function makeTree(top: string): void {
    mkdirSync(join(top, 'a b', 'ü', 'empty'), { recursive: true });
    mkdirSync(join(top, 'locked'));
    for (let number = 0; number < 40; number += 1) writeFileSync(join(top, 'a b', `file ${number}`), `${number}\n`);
    writeFileSync(join(top, 'a b', 'ü', `q'"$(id)\n*[x]\\`), 'hard');
    writeFileSync(join(top, 'empty file'), '');
    writeFileSync(join(top, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(join(top, 'locked', 'secret'), 'x', { mode: 0o600 });
    writeFileSync(join(top, 'big'), randomBytes(3_000_001));
    symlinkSync('run.sh', join(top, 'link'));
    symlinkSync('a b', join(top, 'link to folder'));
    chmodSync(join(top, 'locked'), 0o555);
  }

  /** Contents and modes; a link counts as what it leads to. */
  function describeTree(top: string): unknown {
    return readdirSync(top)
      .sort()
      .map((name) => {
        const path = join(top, name);
        const isFolder = statSync(path).isDirectory();
        return [name, mode(path), isFolder ? describeTree(path) : readFileSync(path, 'base64')];
      });
  }

  describe.each(['native', 'external'])('by the %s client', (kind) => {
    beforeEach(() => {
      client = kind;
    });

    test('a file goes there and back byte for byte, under the name that is asked for, with its mode', async () => {
      const bytes = randomBytes(5_000_001);
      writeFileSync(join(here, 'bytes'), bytes, { mode: 0o750 });
      await succeeds('bytes', inDev('other name'));
      expect(Buffer.compare(readFileSync(join(there, 'other name')), bytes)).toBe(0);
      expect(mode(join(there, 'other name'))).toBe('750');
      await succeeds(inDev('other name'), '.');
      expect(Buffer.compare(readFileSync(join(here, 'other name')), bytes)).toBe(0);
      expect(mode(join(here, 'other name'))).toBe('750');
      expect(readdirSync(there)).toEqual(['other name']);
    });

    test('a tree goes there and back', async () => {
      makeTree(join(here, 'tree'));
      await succeeds('-r', 'tree', inDev());
      expect(describeTree(join(there, 'tree'))).toEqual(describeTree(join(here, 'tree')));
      await succeeds('-r', inDev('tree'), 'back');
      expect(describeTree(join(here, 'back'))).toEqual(describeTree(join(here, 'tree')));
    });

    test('from machine to machine', async () => {
      makeTree(join(there, 'tree'));
      const target = mkdtempSync(join(other.home, 'from dev '));
      await succeeds('-r', inDev('tree'), `other:${target}`);
      expect(describeTree(join(target, 'tree'))).toEqual(describeTree(join(there, 'tree')));
    });

    test('says which file, why and what to do', async () => {
      expect(await fails(inDev('nothing'), '.')).toContain(`"dev:${inDev('nothing').slice(4)}": there is no such file`);
      writeFileSync(join(here, 'file'), 'x');
      expect(await fails('file', inDev('no', 'folder', 'file'))).toMatch(
        /Cannot write ".*no\/folder\/file": there is no such file or folder/,
      );
      expect(await fails('-r', '.', inDev('no', 'folder'))).toMatch(/Cannot make ".*no\/folder": there is no such/);
    });
  });

  test('a folder is merged into one of the same name, and its own name is left out with a dot', async () => {
    mkdirSync(join(here, 'folder'));
    writeFileSync(join(here, 'folder', 'file'), 'x');
    mkdirSync(join(there, 'folder'));
    writeFileSync(join(there, 'folder', 'other'), 'x');
    await succeeds('-r', 'folder/', `${inDev()}/`);
    await succeeds('-r', 'folder/.', inDev());
    expect(readdirSync(there).sort()).toEqual(['file', 'folder']);
    expect(readdirSync(join(there, 'folder')).sort()).toEqual(['file', 'other']);
  });

  test('a folder needs -r', async () => {
    mkdirSync(join(here, 'folder'));
    expect(await fails('folder', 'dev:')).toBe(
      `Copying folder to dev:...\nCannot copy "${here}/folder": it is a folder\nTry: copy folders with -r\n`,
    );
  });

  test('wildcards in a machine are expanded, hidden names only when asked for, and an exact name comes first', async () => {
    for (const name of ['1.txt', '2.txt', '.hidden.txt', '3.log']) writeFileSync(join(there, name), name);
    const target = (name: string): string => {
      mkdirSync(join(here, name));
      return name;
    };
    await succeeds(inDev('*.txt'), target('some'));
    expect(readdirSync(join(here, 'some')).sort()).toEqual(['1.txt', '2.txt']);
    await succeeds(inDev('[!13].t?t'), target('one'));
    expect(readdirSync(join(here, 'one'))).toEqual(['2.txt']);
    await succeeds(`dev:there*/.h*`, target('hidden'));
    expect(readdirSync(join(here, 'hidden'))).toEqual(['.hidden.txt']);
    writeFileSync(join(there, '*.txt'), 'star');
    await succeeds(inDev('*.txt'), 'exact');
    expect(readFileSync(join(here, 'exact'), 'utf8')).toBe('star');
    expect(await fails(inDev('*.none'), '.')).toContain('there is no such file');
    expect(await fails(inDev('?.txt'), 'not-a-folder')).toContain('Cannot copy several files');
  });

  test('a path in a machine starts from the home folder, with a tilde or without', async () => {
    writeFileSync(join(here, 'file'), 'x');
    await succeeds('file', 'dev:~/by-tilde');
    await succeeds('file', 'dev:plain');
    await succeeds('file', 'dev:');
    await succeeds('file', `${dev.server.user}@dev:~`);
    expect(readdirSync(dev.home)).toEqual(expect.arrayContaining(['by-tilde', 'plain', 'file']));
  });

  test('a name with a colon is a machine only where there is one', async () => {
    writeFileSync(join(here, 'a:b'), 'colon');
    expect(await fails('a:b', 'dev:')).toBe(
      'Docker machine "a" does not exist. Use "tmachine ls" to list machines. Use "tmachine create" to add a new one.\n' +
        'Try: if "a:b" is a file of this computer, write ./a:b\n',
    );
    await succeeds('./a:b', inDev('c:d'));
    expect(readFileSync(join(there, 'c:d'), 'utf8')).toBe('colon');
    expect(await fails('C:\\Users\\x.txt', 'dev:')).toContain('/mnt/c/Users/x.txt');
    expect(await fails('a', './b')).toMatch(/^Neither "a" nor "\.\/b" is in a machine\n/);
  });

  test('a file that is replaced keeps its mode, and its other name where it is a link', async () => {
    writeFileSync(join(there, 'old'), 'a much longer old content', { mode: 0o640 });
    symlinkSync('old', join(there, 'link'));
    writeFileSync(join(here, 'new'), 'new', { mode: 0o666 });
    await succeeds('new', inDev('link'));
    expect([readFileSync(join(there, 'old'), 'utf8'), mode(join(there, 'old'))]).toEqual(['new', '640']);
    expect(readdirSync(there).sort()).toEqual(['link', 'old']);
  });

  test('a device is written to, not replaced', async () => {
    writeFileSync(join(here, 'file'), 'x');
    await succeeds('file', 'dev:/dev/null');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('files of the kernel, which say that they are empty, come with their content', async () => {
    await succeeds('dev:/proc/version', '.');
    expect(readFileSync(join(here, 'version'), 'utf8')).toBe(readFileSync('/proc/version', 'utf8'));
  });

  test('-q says nothing, without it there are plain lines, and --log-format json tells how far it is', async () => {
    writeFileSync(join(here, 'file'), randomBytes(2_000_000));
    expect(await scp('-q', 'file', inDev())).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect((await scp('file', inDev())).stderr).toBe(`Copying file to ${inDev()}...\n`);
    const { stderr } = await bench.call(['--log-format', 'json', 'scp', 'file', inDev()], { cwd: here });
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.filter(({ type }) => type === 'step.progress').at(-1)).toMatchObject({
      step: 'copy',
      done: 2_000_000,
      total: 2_000_000,
      unit: 'bytes',
    });
  });

  test('an interrupted copy leaves nothing behind, and what was there before', async () => {
    writeFileSync(join(here, 'huge'), '');
    truncateSync(join(here, 'huge'), 4 * 1024 ** 3);
    writeFileSync(join(there, 'huge'), 'before');
    const { exitCode } = await bench.call(['scp', 'huge', inDev('huge')], {
      cwd: here,
      onStart: (child) => {
        const timer = setInterval(() => {
          if (readdirSync(there).length === 1 && child.exitCode === null) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 20);
      },
    });
    expect(exitCode).toBe(130);
    expect(readdirSync(there)).toEqual(['huge']);
    expect(readFileSync(join(there, 'huge'), 'utf8')).toBe('before');
  });

  test.each(['to', 'from'])('a disk that gets full on the way %s the machine', async (direction) => {
    const small = mkdtempSync(join(direction === 'to' ? there : here, 'small-'));
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', small]).status !== 0)
      throw new Error('This test mounts a small disk, and may not');
    try {
      const [source, target] = direction === 'to' ? [here, inDev(small.slice(there.length + 1))] : [there, small];
      writeFileSync(join(source, 'file'), randomBytes(3_000_000));
      const stderr = await fails(direction === 'to' ? 'file' : inDev('file'), target);
      expect(stderr).toMatch(
        /Cannot write ".*small-.*\/file": the disk is full\nTry: make room there, and try again\n/,
      );
      expect(readdirSync(small)).toEqual([]);
    } finally {
      spawnSync('umount', [small]);
    }
  });

  test('wrong words', async () => {
    expect(await fails('one')).toMatch(/^Improper number of arguments\nTry: /);
    expect(await fails('one', 'two', 'three')).toMatch(/^Improper number of arguments\nTry: /);
    expect(await fails('x', 'dev:', '-s', '/nonexistent')).toContain('"dev" does not exist');
  });
});
