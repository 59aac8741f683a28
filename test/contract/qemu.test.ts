import { execFile } from 'node:child_process';
import { open, readdir, stat, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import type { QemuData } from '../../drivers/qemu/data.ts';
import { openQemu } from '../../drivers/qemu/driver.ts';
import { qemuDriver } from '../../drivers/qemu/index.ts';
import { defaultLimits } from '../../drivers/qemu/machine.ts';
import { DriverStore } from '../support/driver-store.ts';
import { flags, image, isAlive, killAndWait, pidOf, QemuBench, says } from '../support/qemu-bench.ts';
import { describeWith } from '../support/requires.ts';
import { tinyGuestImage } from '../support/tiny-guest.ts';
import { consoleSays, driverContract, power } from './driver-contract.ts';

describeWith(['qemu-system-x86_64'], 'driver qemu', () => {
  driverContract('qemu', {
    store: async () => await DriverStore.make(qemuDriver, { image }),
    flags,
    says,
    killFromOutside: async (store, name) => await killAndWait(await pidOf(store, name)),
  });
  const bench = new QemuBench();
  afterEach(async () => await bench.clear());

  test('the disk is sparse, private, of the size asked for, and begins with the seed', async () => {
    const { store } = await bench.created('disk');
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
    const { driver } = await bench.created('quick');
    await driver.state();
    const times: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const startedAt = performance.now();
      expect(await driver.state()).toBe('Running');
      times.push(performance.now() - startedAt);
    }
    expect(Math.min(...times)).toBeLessThan(15);
  });

  test('bootImage.replace() puts an image there that the next start takes', async () => {
    const { store, driver } = await bench.created('upgraded');
    await consoleSays(driver, says);
    await power(driver, 'kill')();
    const newer = join(store.root, 'newer.iso');
    await writeFile(newer, tinyGuestImage({ says: 'the newer guest', obeysPowerButton: true }));
    expect(driver.bootImage).toMatchObject({
      source: undefined,
      path: join(store.directory('upgraded'), 'boot2docker.iso'),
    });
    await driver.bootImage?.replace({ path: newer, takesSeed: true });
    await power(driver, 'start')();
    await consoleSays(driver, 'the newer guest');
    expect(await readdir(store.directory('upgraded'))).not.toContain('boot2docker.iso.new');
  });

  test('a machine in a folder with a very long path works', async () => {
    const base = await bench.temporaryFolder('tmachine-long-');
    const { driver } = await bench.created('long', {}, { under: join(base, 'x'.repeat(150), 'y'.repeat(150)) });
    expect(await driver.state()).toBe('Running');
  });

  test('folders are shared and ports published, odd characters included', async () => {
    const base = await bench.temporaryFolder('tmachine-share,=-');
    const port = await freePort('127.0.0.1');
    const { store, driver } = await bench.created('odd', {
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
    const { store, driver } = await bench.created('deaf', {}, { image: deaf });
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
    const { store, driver } = await bench.created('stale');
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
    ['nobody knows its process any more', ['qemu.json', 'qemu.pid']],
  ])('remove() ends a QEMU even when %s', async (_case, missing) => {
    const { store, driver } = await bench.created('wreck');
    const pid = await pidOf(store, 'wreck');
    for (const file of missing) await unlink(join(store.directory('wreck'), file));
    await driver.remove();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('remove() waits for a QEMU whose start was cut short', async () => {
    const store = await bench.store('cut');
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
    const { store } = await bench.created('hung');
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
    const store = await bench.store('interrupted');
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
});

async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
