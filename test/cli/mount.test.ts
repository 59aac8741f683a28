import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { CopyBench, type CopyMachine } from '../support/copy-bench.ts';
import { describeAsRoot } from '../support/requires.ts';

describeAsRoot(['qemu-system-x86_64', 'sshd', 'ssh', 'sshfs', 'fusermount3'], 'mount', () => {
  let bench: CopyBench;
  let dev: CopyMachine;
  let here: string;
  let there: string;
  beforeAll(async () => {
    bench = await CopyBench.make();
    dev = await bench.start('dev');
  }, 60_000);
  afterAll(async () => await bench?.[Symbol.asyncDispose]());
  beforeEach(() => {
    here = mkdtempSync(join(bench.folder, 'here '));
    there = mkdtempSync(join(dev.home, 'there '));
  });
  afterEach(() => void spawnSync('umount', ['-l', here]));

  const isMounted = (path: string): boolean => statSync(path).dev !== statSync(join(path, '..')).dev;

  test('shows a folder of a machine until -u ends it', async () => {
    writeFileSync(join(there, 'file'), 'from there');
    const mounted = await bench.call(['mount', `dev:${there}`, here]);
    expect(mounted).toMatchObject({ exitCode: 0, stdout: '' });
    expect(mounted.stderr.replace(/^\(dev\) Trusting the SSH host key .*\n/, '')).toBe(
      `(dev) Mounting dev:${there} on ${here}...\n`,
    );
    expect(readFileSync(join(here, 'file'), 'utf8')).toBe('from there');
    writeFileSync(join(here, 'new'), 'from here');
    expect(readFileSync(join(there, 'new'), 'utf8')).toBe('from here');
    expect(readFileSync('/proc/mounts', 'utf8')).toContain(`dev:${there.replaceAll(' ', '\\040')} `);
    expect(await bench.call(['mount', '-u', `dev:${there}`, here])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect([isMounted(here), readdirSync(here)]).toEqual([false, []]);
  });

  test('uses the key and the host key of the machine alone', async () => {
    await bench.call(['mount', `${dev.server.user}@dev:${there}`, here]);
    const config = bench.machines.temp.store.layout.machine('dev').directory;
    expect(readFileSync(join(config, 'ssh_config'), 'utf8')).toMatch(/StrictHostKeyChecking yes[\s\S]*known_hosts/);
    expect(statSync(join(config, 'ssh_config')).mode & 0o777).toBe(0o600);
    expect(readdirSync(config)).not.toContain('sshfs.log');
    expect(isMounted(here)).toBe(true);
  });

  test('takes the same path here where no folder is named, which then must exist', async () => {
    expect(await bench.call(['mount', 'dev:/nonexistent'])).toMatchObject({
      exitCode: 1,
      stderr:
        'Cannot mount: "/nonexistent" is not a folder of this computer\n' +
        'Try: make it: mkdir -p /nonexistent, or name another one\n',
    });
    const relative = here.slice(bench.folder.length + 1);
    mkdirSync(join(dev.home, relative));
    const { stderr, exitCode } = await bench.call(['mount', `dev:${relative}`]);
    rmdirSync(join(dev.home, relative));
    // The home folder of commands is not that of SFTP on this server, so the machine has no such folder.
    expect([exitCode, stderr]).toEqual([
      1,
      `Cannot mount: "dev:${relative}" is not a folder\n` +
        `Try: make it: tmachine ssh dev mkdir -p ${quoteTwice(relative)}\n`,
    ]);
  });

  test('a folder that is in use is named as such', async () => {
    await bench.call(['mount', `dev:${there}`, here]);
    const user = spawn('sleep', ['60'], { cwd: here });
    try {
      const { exitCode, stderr } = await bench.call(['mount', '-u', 'dev:x', here]);
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/busy\nTry: leave the folder in all shells/)]);
    } finally {
      user.kill();
      await new Promise((resolve) => user.once('close', resolve));
    }
    expect((await bench.call(['mount', '-u', 'dev:x', here])).exitCode).toBe(0);
  });

  test('a mount ends although the machine is gone', async () => {
    await bench.call(['mount', `dev:${there}`, here]);
    await bench.call(['kill', 'dev']);
    expect(await bench.call(['mount', `dev:${there}`, here])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Host is not running\nTry: start it: tmachine start dev\n'),
    });
    expect((await bench.call(['mount', '-u', `dev:${there}`, here])).exitCode).toBe(0);
  });

  test('what is missing is said with the way to get it', async () => {
    const nothing = { env: { PATH: mkdtempSync(join(bench.folder, 'programs-')) } };
    expect((await bench.call(['mount', `dev:${there}`, here], nothing)).stderr).toMatch(
      /^Cannot mount: this computer has no sshfs\nTry: install the package sshfs/,
    );
    expect((await bench.call(['mount', '-u', `dev:${there}`, here], nothing)).stderr).toMatch(
      /^Cannot unmount: this computer has neither fusermount3, fusermount nor umount\n/,
    );
  });

  test('wrong words', async () => {
    for (const words of [[], ['a', 'b', 'c']])
      expect((await bench.call(['mount', ...words])).stderr).toMatch(/^Improper number of arguments\nTry: /);
    expect((await bench.call(['mount', 'none:/x', here])).stderr).toMatch(/^Docker machine "none" does not exist\./);
    // Without a machine's name it is "default".
    expect((await bench.call(['mount', '/x', here])).stderr).toMatch(/^Docker machine "default" does not exist\./);
    expect((await bench.call(['mount', '-u', `dev:${there}`, here])).stderr).toBe(
      `Cannot unmount: nothing is mounted on "${here}"\n`,
    );
  });
});

function quoteTwice(path: string): string {
  return `''\\''${path}'\\'''`;
}
