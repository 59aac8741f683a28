import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CopyBench, type CopyMachine } from '../support/copy-bench.ts';
import { startGuestServer } from '../support/guest-server.ts';
import { describeWith } from '../support/requires.ts';

describeWith(['qemu-system-x86_64', 'sshd', 'ssh', 'rsync'], 'scp --delta', () => {
  let bench: CopyBench;
  let dev: CopyMachine;
  beforeAll(async () => {
    bench = await CopyBench.make();
    dev = await bench.start('dev');
  }, 60_000);
  afterAll(async () => await bench?.[Symbol.asyncDispose]());

  test('sends a file there and back, and later only what is new', async () => {
    const there = mkdtempSync(join(dev.home, "it's there "));
    writeFileSync(join(bench.folder, 'file'), 'x'.repeat(2_000_000));
    utimesSync(join(bench.folder, 'file'), 1e9, 1e9);
    expect(await bench.call(['scp', '-d', '-q', 'file', `dev:${there}/a b`])).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    expect(statSync(join(there, 'a b'))).toMatchObject({ size: 2_000_000, mtimeMs: 1e12 });
    appendFileSync(join(there, 'a b'), 'more');
    expect(await bench.call(['scp', '--delta', `dev:${there}/a b`, 'back'])).toMatchObject({ exitCode: 0, stdout: '' });
    expect(readFileSync(join(bench.folder, 'back'), 'utf8').slice(-6)).toBe('xxmore');
  });

  test('with -r a slash at the end means the content, and a colon in a file here makes no host', async () => {
    mkdirSync(join(bench.folder, 'tree:1', 'sub'), { recursive: true });
    writeFileSync(join(bench.folder, 'tree:1', 'sub', 'file'), 'x');
    const target = mkdtempSync(join(dev.home, 'target-'));
    await bench.call(['scp', '-r', '-d', './tree:1', `dev:${target}`]);
    await bench.call(['scp', '-r', '-d', './tree:1/', `dev:${target}/flat`]);
    for (const name of ['tree:1/sub/file', 'flat/sub/file']) expect(readFileSync(join(target, name), 'utf8')).toBe('x');
  });

  test('a failure of rsync is one of ours', async () => {
    const { exitCode, stderr } = await bench.call(['scp', '-d', 'dev:/nonexistent', '.']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/nonexistent.* failed: No such file[\s\S]*rsync ended with status 23/);
  });

  test('between machines it is refused', async () => {
    expect(await bench.call(['scp', '-d', 'dev:a', 'dev:b'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'rsync cannot copy from one machine to another\n' +
        'Try: copy without --delta, which passes the bytes through this computer\n',
    });
  });

  test('what is missing is said, here and in the machine, with the way to get it', async () => {
    const programs = mkdtempSync(join(bench.folder, 'programs-'));
    const attempt = async (machine: string) =>
      (await bench.call(['scp', '-d', 'file', `${machine}:`], { env: { PATH: programs } })).stderr;
    expect(await attempt('dev')).toMatch(/^Cannot copy by --delta: this computer has no rsync\nTry: .*rsync/);
    symlinkSync('/usr/bin/rsync', join(programs, 'rsync'));
    expect(await attempt('dev')).toMatch(/^Cannot copy by --delta: this computer has no ssh\nTry: .*openssh-client/);
    symlinkSync('/usr/bin/ssh', join(programs, 'ssh'));
    await bench.start('bare', async (options) => await startGuestServer({ ...options, path: '/nonexistent' }));
    expect(await attempt('bare')).toMatch(
      /^(\(bare\) Trusting .*\n)?Cannot copy by --delta: machine "bare" has no rsync\nTry: install it there/,
    );
    for (const client of ['native', 'external'])
      expect((await bench.call(['--ssh-client', client, 'scp', '-q', 'file', 'bare:'])).stderr).toMatch(
        /^The guest does not offer SFTP: .*\n( {2}because.*\n)?Try: install an SFTP server there/,
      );
  });
});
