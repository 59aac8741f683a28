import { execFile } from 'node:child_process';
import { chmod, mkdtemp, open, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import type { QemuData } from '../../drivers/qemu/data.ts';
import { openQemu } from '../../drivers/qemu/driver.ts';
import { qemuDriver } from '../../drivers/qemu/index.ts';
import { defaultLimits } from '../../drivers/qemu/machine.ts';
import type { Driver } from '../../src/driver/contract.ts';
import type { Host, HostFiles } from '../../src/driver/host.ts';
import type { TypedFlags } from '../../src/driver/resolve-flags.ts';
import { findProgram } from '../../src/host/find-program.ts';
import { DriverStore, type DriverStoreOptions } from '../support/driver-store.ts';
import { describeWith } from '../support/requires.ts';
import { tinyGuestImage } from '../support/tiny-guest.ts';
import { consoleSays, driverContract, power } from './driver-contract.ts';

const says = 'tmachine: init';
const image = tinyGuestImage({ says, obeysPowerButton: true });
const flags = { 'qemu-accel': 'tcg', 'qemu-memory': '256', 'qemu-cpu-count': '1', 'qemu-disk-size': '2000' };

describeWith(['qemu-system-x86_64'], 'driver qemu', () => {
  driverContract('qemu', {
    store: async () => await DriverStore.make(qemuDriver, { image }),
    flags,
    says,
    killFromOutside: async (store, name) => await killAndWait(await pidOf(store, name)),
  });

  let stores: DriverStore[] = [];
  let folders: string[] = [];
  afterEach(async () => {
    for (const store of stores) await store[Symbol.asyncDispose]();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
    stores = [];
    folders = [];
  });

  /** A new temporary folder, removed after the test. */
  const temporaryFolder = async (prefix: string): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), prefix));
    folders.push(folder);
    return folder;
  };

  const storeWith = async (name: string, typed: TypedFlags = {}, options: Partial<DriverStoreOptions> = {}) => {
    const store = await DriverStore.make(qemuDriver, { image, ...options });
    stores.push(store);
    await store.add(name, { ...flags, ...typed });
    return store;
  };
  const created = async (name: string, typed: TypedFlags = {}, options: Partial<DriverStoreOptions> = {}) => {
    const store = await storeWith(name, typed, options);
    const driver = await store.open(name);
    await driver.create(async () => Buffer.from('the seed'));
    return { store, driver };
  };

  test('the disk is sparse, private, of the size asked for, and begins with the seed', async () => {
    const { store } = await created('disk');
    const disk = await stat(join(store.directory('disk'), 'disk.img'));
    expect(disk.size).toBe(2000 * 1024 * 1024);
    expect(disk.blocks * 512).toBeLessThan(1024 * 1024);
    expect(disk.mode & 0o777).toBe(0o600);
    const file = await open(join(store.directory('disk'), 'disk.img'));
    const { buffer } = await file.read(Buffer.alloc(16), 0, 16, 0);
    await file.close();
    expect(buffer.toString('latin1')).toBe('the seed'.padEnd(16, '\0'));
  });

  test('state() of a running machine takes a few milliseconds', async () => {
    const { driver } = await created('quick');
    await driver.state();
    const times: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const startedAt = performance.now();
      expect(await driver.state()).toBe('Running');
      times.push(performance.now() - startedAt);
    }
    expect(Math.min(...times)).toBeLessThan(15);
  });

  test('a machine in a folder with a very long path works', async () => {
    const base = await temporaryFolder('tmachine-long-');
    const { driver } = await created('long', {}, { under: join(base, 'x'.repeat(150), 'y'.repeat(150)) });
    expect(await driver.state()).toBe('Running');
  });

  test('folders are shared and ports published, odd characters included', async () => {
    const base = await temporaryFolder('tmachine-share,=-');
    const port = await freePort('127.0.0.1');
    const { store, driver } = await created('odd', {
      'qemu-share-folder': [`${base}:one`, `${base}:two:ro`],
      'qemu-publish': ['8080:80', `127.0.0.1:${port}:81`],
    });
    expect(await driver.state()).toBe('Running');
    const host = store.host('odd');
    expect(await host.network.isPortFree('127.0.0.1', port)).toBe(false);
    expect(await host.network.isPortFree(String(store.data('odd')['IPAddress']), 8080)).toBe(false);
  });

  test('stop() of a guest that ignores its power button ends in an error that says so', async () => {
    const deaf = tinyGuestImage({ says, obeysPowerButton: false });
    const { store, driver } = await created('deaf', {}, { image: deaf });
    await consoleSays(driver, says);
    const impatient = openQemu({ name: 'deaf', data: store.data('deaf') as QemuData }, store.host('deaf'), {
      ...defaultLimits,
      stopMs: 500,
      pressAgainMs: 200,
    });
    await expect(power(impatient, 'stop')()).rejects.toMatchObject({
      code: 'STOP_TIMED_OUT',
      message: 'Cannot stop "deaf": it has not powered off within 0.5 s',
      hint: expect.stringContaining('tmachine kill deaf'),
    });
    expect(await driver.state()).toBe('Running');
  });

  test('a pid file whose pid belongs to another living process harms nobody', async () => {
    const { store, driver } = await created('stale');
    await killAndWait(await pidOf(store, 'stale'));
    await writeFile(join(store.directory('stale'), 'qemu.pid'), `${process.pid}\n`);
    await writeFile(
      join(store.directory('stale'), 'qemu.json'),
      JSON.stringify({ pid: process.pid, startedAt: 'another boot:1' }),
    );
    expect(await driver.state()).toBe('Stopped');
    await power(driver, 'kill')();
    await power(driver, 'start')();
    expect(await driver.state()).toBe('Running');
  });

  test.each([
    ['its process was never recorded', ['qemu.json']],
    ['its socket is gone', ['qmp.sock', 'qemu.pid']],
  ])('remove() ends a QEMU even when %s', async (_case, missing) => {
    const { store, driver } = await created('wreck');
    const pid = await pidOf(store, 'wreck');
    for (const file of missing) await unlink(join(store.directory('wreck'), file));
    await driver.remove();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('remove() waits for a QEMU whose start was cut short', async () => {
    const store = await storeWith('cut');
    const folder = store.directory('cut');
    await writeFile(join(folder, 'qemu.starting'), '');
    const started = promisify(execFile)(
      'sh',
      [
        '-c',
        'sleep 0.3; exec qemu-system-x86_64 -nodefaults -display none -accel tcg -qmp unix:qmp.sock,server=on,wait=off -pidfile qemu.pid',
      ],
      { cwd: folder },
    );
    await (await store.open('cut')).remove();
    await expect(started).resolves.toBeDefined();
  });

  test('remove() ends a QEMU that hangs', async () => {
    const { store } = await created('hung');
    const pid = await pidOf(store, 'hung');
    process.kill(pid, 'SIGSTOP');
    const impatient = openQemu({ name: 'hung', data: store.data('hung') as QemuData }, store.host('hung'), {
      ...defaultLimits,
      monitorMs: 200,
      processMs: 300,
    });
    expect(await impatient.state()).toBe('Error');
    await impatient.remove();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('create() interrupted leaves no process', async () => {
    const store = await storeWith('interrupted');
    const interrupt = new AbortController();
    const driver = await qemuDriver.open(
      { name: 'interrupted', data: store.data('interrupted') },
      store.host('interrupted', interrupt.signal),
    );
    const creation = driver.create(async () => {
      setTimeout(() => interrupt.abort(), 30);
      return Buffer.from('seed');
    });
    await creation.catch(() => undefined);
    await driver.remove();
    expect(await driver.state()).toBe('Error');
  });

  test('auto goes without acceleration where QEMU or the processor has none, and says so', async () => {
    const env = await fakeQemu(`case "$*" in "-accel help") echo tcg; exit;; esac\nexec ${await realQemu()} "$@"`);
    const { store } = await created('auto', { 'qemu-accel': 'auto' }, { env });
    const notices = store.events.filter((event) => event.type === 'notice');
    expect(notices).toMatchObject([{ text: expect.stringContaining('No hardware acceleration') }]);
  });

  test('auto starts a guest that is silent under acceleration again without, and remembers it', async () => {
    // A guest whose processor never runs is what a hung accelerator looks like.
    const hang = `exec ${await realQemu()} $(echo "$*" | sed "s/-accel kvm -cpu host/-accel tcg -S/")`;
    const env = await fakeQemu(`case "$*" in "-accel help") echo tcg kvm; exit;; esac\n${hang}`);
    const store = await storeWith('silent', { 'qemu-accel': 'auto' }, { env });
    const limits = { ...defaultLimits, silenceMs: 300 };
    const openImpatient = () =>
      openQemu(
        { name: 'silent', data: store.data('silent') as QemuData },
        withVirtualization(store.host('silent')),
        limits,
      );
    const driver = openImpatient();
    await driver.create(async () => Buffer.from('seed'));
    await consoleSays(driver, says);
    expect(store.data('silent')['FailedAccel']).toBe('kvm');
    expect(store.events.filter((event) => event.type === 'notice')).toMatchObject([
      { level: 'warning', text: expect.stringContaining('the guest gave no sign of life for 0.3 s') },
    ]);
    await power(driver, 'kill')();
    await power(openImpatient(), 'start')();
    expect(store.events.filter((event) => event.type === 'notice').at(-1)).toMatchObject({
      text: expect.stringContaining('did not start under kvm before'),
    });
  });

  test('auto ends with a living guest, whatever the acceleration of this computer does', async () => {
    const store = await storeWith('lives', { 'qemu-accel': 'auto' });
    const host = store.host('lives');
    const claims = { ...host.files, readText: withVirtualization(host).files.readText };
    const data = store.data('lives') as QemuData;
    const driver = openQemu({ name: 'lives', data }, { ...host, files: claims }, { ...defaultLimits, silenceMs: 2000 });
    await driver.create(async () => Buffer.from('seed'));
    await consoleSays(driver, says);
  });

  test('create() refuses an address where somebody listens, and says who', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(2376, '127.0.98.7', resolve));
    const store = await storeWith('squatted', { 'qemu-address': '127.0.98.7' });
    const preflight = (await store.open('squatted')).preflight();
    await expect(preflight).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      exitCode: 3,
      message: expect.stringContaining(`process ${process.pid} (`),
    });
    await new Promise((resolve) => server.close(resolve));
  });

  test('create() refuses the address of another machine, even of a stopped one', async () => {
    const { store, driver } = await created('owner', { 'qemu-address': '127.0.98.8' });
    expect(await driver.guest?.address()).toBe('127.0.98.8');
    await power(driver, 'kill')();
    await store.add('second', { ...flags, 'qemu-address': '127.0.98.8' });
    await expect((await store.open('second')).preflight()).rejects.toMatchObject({
      code: 'ADDRESS_TAKEN',
      exitCode: 3,
      message: 'Cannot use address 127.0.98.8 for "second": it belongs to machine "owner"',
    });
  });

  test('start() names the program that took its port', async () => {
    const { store, driver } = await created('port');
    await power(driver, 'kill')();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(2376, String(store.data('port')['IPAddress']), resolve));
    await expect(power(driver, 'start')()).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    await new Promise((resolve) => server.close(resolve));
    await power(driver, 'start')();
  });

  test.each([
    [
      'prints an error and ends',
      'echo "qemu-system-x86_64: something odd" >&2; exit 1',
      'QEMU_FAILED',
      'something odd',
    ],
    ['finds no memory', `echo "cannot set up guest memory 'pc.ram'" >&2; exit 1`, 'NO_MEMORY', 'not enough memory'],
    ['dies at once', 'kill -SEGV $$', 'QEMU_FAILED', 'QEMU ended at once'],
  ])('create() explains a QEMU that %s', async (_case, script, code, message) => {
    const store = await storeWith('fails', {}, { env: await fakeQemu(script) });
    const driver = await store.open('fails');
    const creation = driver.create(async () => Buffer.from('seed'));
    await expect(creation).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('create() gives up on a QEMU that hangs, and ends it', async () => {
    const store = await storeWith('mute', {}, { env: await fakeQemu('echo $$ > pid; exec sleep 60') });
    const limits = { ...defaultLimits, processMs: 100 };
    const driver: Driver = openQemu({ name: 'mute', data: store.data('mute') as QemuData }, store.host('mute'), limits);
    await expect(driver.create(async () => Buffer.from('seed'))).rejects.toMatchObject({ code: 'TIMED_OUT' });
    expect(isAlive(Number(await readFile(join(store.directory('mute'), 'pid'), 'utf8')))).toBe(false);
  });

  test.each([
    ['is broken', 'echo "error while loading shared libraries" >&2; exit 127', 'QEMU_BROKEN'],
    ['is too old', 'echo "QEMU emulator version 2.11.1(Debian 1:2.11)"', 'QEMU_TOO_OLD'],
  ])('preflight() refuses a QEMU that %s', async (_case, script, code) => {
    const store = await storeWith('unfit', {}, { env: await fakeQemu(script) });
    await expect((await store.open('unfit')).preflight()).rejects.toMatchObject({ code, exitCode: 3 });
  });

  test('preflight() says how to get a QEMU that is missing', async () => {
    const store = await storeWith('none', { 'qemu-program': 'qemu-that-is-not-there' });
    await expect((await store.open('none')).preflight()).rejects.toMatchObject({
      code: 'PROGRAM_NOT_FOUND',
      exitCode: 3,
    });
  });

  test('a QEMU without seccomp is used without it', async () => {
    const script = [
      'case "$*" in *-sandbox*) echo "There is no option group \'sandbox\'" >&2; exit 1;; esac',
      `exec ${await realQemu()} "$@"`,
    ].join('\n');
    const { driver } = await created('bare', {}, { env: await fakeQemu(script) });
    expect(await driver.state()).toBe('Running');
  });

  async function fakeQemu(script: string): Promise<NodeJS.ProcessEnv> {
    const folder = await temporaryFolder('tmachine-fake-');
    await writeFile(join(folder, 'qemu-system-x86_64'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'qemu-system-x86_64'), 0o755);
    return { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  }
});

/** The real one, for fakes that go on with it. */
async function realQemu(): Promise<string> {
  const found = await findProgram('qemu-system-x86_64', { env: process.env, platform: process.platform });
  if (found === undefined) throw new Error('This test needs qemu-system-x86_64');
  return found;
}

/** A computer that looks as if KVM worked. */
function withVirtualization(host: Host): Host {
  const files: HostFiles = {
    ...host.files,
    canReadAndWrite: async () => true,
    readText: async (path) =>
      path === '/proc/cpuinfo' ? 'flags\t\t: fpu vmx sse2\n' : await host.files.readText(path),
  };
  return { ...host, files };
}

async function pidOf(store: DriverStore, name: string): Promise<number> {
  return Number(await readFile(join(store.directory(name), 'qemu.pid'), 'utf8'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
}

async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
