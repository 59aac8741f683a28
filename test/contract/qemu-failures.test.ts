import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { QemuData } from '../../drivers/qemu/data.ts';
import { openQemu } from '../../drivers/qemu/driver.ts';
import { defaultLimits } from '../../drivers/qemu/machine.ts';
import type { Driver } from '../../src/driver/contract.ts';
import type { Host, HostFiles } from '../../src/driver/host.ts';
import { flags, isAlive, QemuBench, realQemu, says } from '../support/qemu-bench.ts';
import { describeWith } from '../support/requires.ts';
import { consoleSays, power } from './driver-contract.ts';

describeWith(['qemu-system-x86_64'], 'driver qemu where something is wrong', () => {
  const bench = new QemuBench();
  afterEach(async () => await bench.clear());

  test('auto goes without acceleration where QEMU or the processor has none, and says so', async () => {
    const env = await bench.fakeQemu(
      `case "$*" in "-accel help") echo tcg; exit;; esac\nexec ${await realQemu()} "$@"`,
    );
    const { store } = await bench.created('auto', { 'qemu-accel': 'auto' }, { env });
    const notices = store.events.filter((event) => event.type === 'notice');
    expect(notices).toMatchObject([{ text: expect.stringContaining('No hardware acceleration') }]);
  });

  test('auto starts a guest that is silent under acceleration again without, and remembers it', async () => {
    // A guest whose processor never runs is what a hung accelerator looks like.
    const hang = `exec ${await realQemu()} $(echo "$*" | sed "s/-accel kvm -cpu host/-accel tcg -S/")`;
    const env = await bench.fakeQemu(`case "$*" in "-accel help") echo tcg kvm; exit;; esac\n${hang}`);
    const store = await bench.store('silent', { 'qemu-accel': 'auto' }, { env });
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
    const store = await bench.store('lives', { 'qemu-accel': 'auto' });
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
    const store = await bench.store('squatted', { 'qemu-address': '127.0.98.7' });
    const preflight = (await store.open('squatted')).preflight();
    await expect(preflight).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      exitCode: 3,
      message: expect.stringContaining(`process ${process.pid} (`),
    });
    await new Promise((resolve) => server.close(resolve));
  });

  test('create() refuses the address of another machine, even of a stopped one', async () => {
    const { store, driver } = await bench.created('owner', { 'qemu-address': '127.0.98.8' });
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
    const { store, driver } = await bench.created('port');
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
    const store = await bench.store('fails', {}, { env: await bench.fakeQemu(script) });
    const driver = await store.open('fails');
    const creation = driver.create(async () => Buffer.from('seed'));
    await expect(creation).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('create() gives up on a QEMU that hangs, and ends it', async () => {
    const store = await bench.store('mute', {}, { env: await bench.fakeQemu('echo $$ > pid; exec sleep 60') });
    const limits = { ...defaultLimits, processMs: 100 };
    const driver: Driver = openQemu({ name: 'mute', data: store.data('mute') as QemuData }, store.host('mute'), limits);
    await expect(driver.create(async () => Buffer.from('seed'))).rejects.toMatchObject({ code: 'TIMED_OUT' });
    expect(isAlive(Number(await readFile(join(store.directory('mute'), 'pid'), 'utf8')))).toBe(false);
  });

  test.each([
    ['is broken', 'echo "error while loading shared libraries" >&2; exit 127', 'QEMU_BROKEN'],
    ['is too old', 'echo "QEMU emulator version 2.11.1(Debian 1:2.11)"', 'QEMU_TOO_OLD'],
  ])('preflight() refuses a QEMU that %s', async (_case, script, code) => {
    const store = await bench.store('unfit', {}, { env: await bench.fakeQemu(script) });
    await expect((await store.open('unfit')).preflight()).rejects.toMatchObject({ code, exitCode: 3 });
  });

  test('preflight() says how to get a QEMU that is missing', async () => {
    const store = await bench.store('none', { 'qemu-program': 'qemu-that-is-not-there' });
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
    const { driver } = await bench.created('bare', {}, { env: await bench.fakeQemu(script) });
    expect(await driver.state()).toBe('Running');
  });
});

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
