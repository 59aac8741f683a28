import { mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withPath, writeProgram } from '../support/fake-path.ts';
import { MachineBench } from '../support/machine-bench.ts';
import { realQemu } from '../support/qemu-bench.ts';
import { describeAsRoot, describeWith } from '../support/requires.ts';

let bench: MachineBench;

beforeEach(async () => {
  bench = await MachineBench.make();
});

afterEach(async () => await bench[Symbol.asyncDispose]());

const create = async (...args: string[]) => await bench.call(['create', ...args]);

/** The environment of a call that finds this script before QEMU. */
async function withQemu(script: string): Promise<Record<string, string>> {
  const folder = join(bench.temp.path, 'programs');
  await mkdir(folder, { recursive: true });
  await writeProgram(folder, 'qemu-system-x86_64', script);
  return { PATH: withPath(folder)['PATH'] ?? '' };
}

describe('names', () => {
  test.each(['', '-x', '.x', 'a b', 'a/b', '../x', 'ä', 'a_b', 'a\nb'])('create %j is refused', async (name) => {
    const { exitCode, stdout, stderr } = await create('--driver', 'qemu', '--', name);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^Error creating machine: Invalid hostname specified\. Allowed hostname chars are: 0-9a-zA-Z \. -\nTry: begin with/,
    );
    expect(await bench.temp.store.names()).toEqual([]);
  });

  test('a name that is taken, or differs only in case, is refused', async () => {
    await bench.temp.add('dev', 'none', {});
    expect(await create('dev')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('Docker machine "dev" already exists\nTry: choose another name'),
    });
    expect((await create('DEV')).stderr).toContain(
      'Docker machine "dev" already exists, and "dev" differs from "DEV" only in case\n',
    );
    expect(await bench.temp.store.names()).toEqual(['dev']);
  });
});

describe('command lines', () => {
  test.each([
    [[], 1, /^Error: No machine name specified$/m],
    [['a', 'b', 'c'], 1, /^Invalid command line\. Found extra arguments \[b c\]$/m],
    [
      ['-d', 'bogus', 'x'],
      1,
      /^Driver "bogus" not found\. Do you have the plugin binary "docker-machine-driver-bogus" accessible in your PATH\?$/m,
    ],
    [['--qemu-memory', '1', 'x'], 2, /^Invalid value "1" for --qemu-memory: the least is 256$/m],
    [['--qemu-memory', 'much', 'x'], 2, /^Invalid value "much" for --qemu-memory: it is not a whole number$/m],
    [['--qemu-accel', 'xen', 'x'], 2, /^Invalid value "xen" for --qemu-accel: choose from auto, kvm/m],
    [['--qemu-address', '10.0.0.1', 'x'], 1, /10\.0\.0\.1.*it is not a loopback address/],
    [['--nope', 'x'], 2, /^Unknown option '--nope'$/m],
  ] as const)('create %j', async (args, exitCode, words) => {
    const called = await create(...args);
    expect([called.exitCode, called.stdout]).toEqual([exitCode, '']);
    expect(called.stderr).toMatch(words);
    expect(await bench.temp.store.names()).toEqual([]);
  });

  test('MACHINE_DRIVER names the driver, and --driver wins', async () => {
    const env = { MACHINE_DRIVER: 'bogus' };
    expect((await bench.call(['create', 'x'], { env })).stderr).toContain('Driver "bogus" not found.');
    const { stdout } = await bench.call(['create', '-d', 'qemu', '--help'], { env });
    expect(stdout).toContain('--qemu-memory NUMBER');
  });

  test('help create lists the flags of the driver', async () => {
    for (const args of [
      ['help', 'create'],
      ['create', '--help'],
      ['help', 'create', '-d', 'qemu'],
    ]) {
      const { exitCode, stdout } = await bench.call(args);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Options of the driver:\n');
      for (const flag of ['--qemu-memory', '--qemu-publish', '--qemu-share-folder', '--qemu-address', '--engine-label'])
        expect(stdout).toContain(flag);
      expect(stdout).toContain('[$QEMU_MEMORY_SIZE]');
    }
  });
});

describe('QEMU', () => {
  test('that does not exist is a failed check', async () => {
    const { exitCode, stdout, stderr } = await create('--qemu-program', 'no-such-qemu', 'x');
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain(
      'Error with pre-create check: "Cannot find \\"no-such-qemu\\": it is not installed, or not on PATH"\nTry: name a QEMU',
    );
    expect(await bench.temp.store.names()).toEqual([]);
  });

  test('that cannot say its version is broken', async () => {
    const env = await withQemu('echo "error while loading shared libraries: libfdt.so.1" >&2; exit 127');
    const { exitCode, stderr } = await bench.call(['create', '-d', 'qemu', 'x'], { env });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('it does not say its version (exit status 127): error while loading shared libraries');
    expect(stderr).toMatch(/Try: install QEMU again/);
  });

  test('that is too old says what is needed', async () => {
    const env = await withQemu('echo "QEMU emulator version 4.2.1 (Debian)"');
    const { exitCode, stderr } = await bench.call(['create', '-d', 'qemu', 'x'], { env });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('QEMU 4.2.1 is too old');
    expect(stderr).toContain('Try: install QEMU 6.2 or newer');
  });

  test('that prints an error when it starts undoes the machine', async () => {
    const env = await withQemu(
      'case "$1" in --version) echo "QEMU emulator version 9.0.0";; *) echo "qemu: the moon is full" >&2; exit 1;; esac',
    );
    const args = ['create', '--qemu-accel', 'tcg', '--qemu-boot2docker-url', bench.imageFile, 'x'];
    const { exitCode, stdout, stderr } = await bench.call(args, { env });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Cannot start "x": QEMU ended at once:\nqemu: the moon is full\n');
    expect(stderr).toContain('Undoing what was made...');
    expect(await bench.temp.store.names()).toEqual([]);
    const kept = await bench.call([...args.slice(0, -1), '--keep-on-failure', 'kept'], { env });
    expect(kept.stderr).toMatch(/Kept as it is in .*machines\/kept; remove it with: tmachine rm -f kept/);
    expect(await bench.temp.store.names()).toEqual(['kept']);
    expect(await bench.call(['rm', '-f', 'kept'])).toMatchObject({ exitCode: 0 });
  });
});

describeWith(['qemu-system-x86_64'], 'an address', () => {
  test('of another machine is refused by its name', async () => {
    const { address } = await bench.start('first');
    const { exitCode, stdout, stderr } = await create('--qemu-address', address, 'second');
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain(
      `Error with pre-create check: "Cannot use address ${address} for \\"second\\": it belongs to machine \\"first\\""`,
    );
    expect(stderr).toContain('Try: take another address, or leave --qemu-address out');
    expect(await bench.temp.store.names()).toEqual(['first']);
  });

  test('where a program listens is refused, naming the program', async () => {
    const address = '127.0.98.77';
    const server = await listen(address, 2376);
    const { exitCode, stderr } = await create('--qemu-address', address, 'x');
    await new Promise((resolve) => server.close(resolve));
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`Cannot use port 2376 of ${address} for \\"x\\": process ${process.pid} (`);
  });

  test('whose published port is taken is refused, naming the program', async () => {
    const server = await listen('127.0.0.1', 0);
    const port = (server.address() as { port: number }).port;
    const { exitCode, stderr } = await create('--qemu-publish', `127.0.0.1:${port}:80`, 'x');
    await new Promise((resolve) => server.close(resolve));
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`Cannot use port ${port} of 127.0.0.1 for \\"x\\": process ${process.pid} (`);
  });
});

describeAsRoot(['unshare', 'mount', 'qemu-system-x86_64'], 'a computer without a hypervisor', () => {
  test('gets the words to install one, and exit status 3', async () => {
    const hide = `mount --bind /dev/null "${await realQemu()}" && exec "$@"`;
    const through = ['unshare', '-m', 'sh', '-c', hide, 'sh'];
    for (const args of [
      ['create', 'x'],
      ['create', '-d', 'qemu', 'x'],
    ]) {
      const { exitCode, stdout, stderr } = await bench.call(args, { through });
      expect([exitCode, stdout]).toEqual([3, '']);
      expect(stderr).toContain(
        'Error with pre-create check: "Cannot find \\"qemu-system-x86_64\\": it is not installed, or not on PATH"',
      );
      expect(stderr).toContain('Try: install it: apt install qemu-system-x86 (Debian, Ubuntu)');
    }
    expect(await bench.temp.store.names()).toEqual([]);
  });
});

async function listen(address: string, port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
  return server;
}
