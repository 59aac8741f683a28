import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Host } from '../../src/driver/host.ts';
import { holdPort } from '../../src/host/network.ts';
import { cidr, flags, quick, VirtualBoxBench } from '../support/virtualbox-bench.ts';
import { power } from './driver-contract.ts';

const sshPort = 50321;
let bench: VirtualBoxBench;
afterEach(async () => await bench[Symbol.asyncDispose](), 120_000);

const make = async (settings: Readonly<Record<string, string>> = {}): Promise<void> => {
  bench = await VirtualBoxBench.make({ FAKE_VBOX_ENGINE: '', ...settings });
};

describe('an SSH port that somebody else has', () => {
  test('is noticed before the start: the machine gets another, and VirtualBox is told', async () => {
    await make();
    await bench.running('box');
    await bench.standIn.ask(['controlvm', bench.idOf('box'), 'poweroff']);
    await using _taken = await holdPort('127.0.0.1', sshPort);
    const driver = bench.open('box', quick, listening);
    await power(driver, 'start')();
    const port = Number(driver.data['SSHPort']);
    expect(port).not.toBe(sshPort);
    expect(await bench.standIn.info(bench.idOf('box'), 'Forwarding(0)')).toBe(`ssh,tcp,127.0.0.1,${port},,22`);
    expect(await driver.guest?.ssh()).toMatchObject({ host: '127.0.0.1', port });
  });

  test('is noticed after the start, which VirtualBox calls a success', async () => {
    await make();
    await bench.running('box');
    await bench.standIn.ask(['controlvm', bench.idOf('box'), 'poweroff']);
    await using _taken = await holdPort('127.0.0.1', sshPort);
    const unsuspecting = (host: Host): Host => ({
      ...host,
      network: { ...host.network, isPortFree: async () => true },
    });
    const driver = bench.open('box', quick, unsuspecting);
    await power(driver, 'start')();
    const port = Number(driver.data['SSHPort']);
    expect(port).not.toBe(sshPort);
    expect(await bench.standIn.info(bench.idOf('box'), 'Forwarding(0)')).toBe(`ssh,tcp,127.0.0.1,${port},,22`);
    expect(bench.store.events).toContainEqual(expect.objectContaining({ type: 'notice', level: 'warning' }));
  });
});

/** Nobody listens for a machine that the stand-in does not execute. */
function listening(host: Host): Host {
  return { ...host, network: { ...host.network, accepts: async () => true } };
}

describe('create() that fails', () => {
  test.each([
    ['a full disk', { match: '^convertfromraw', stderr: 'VBoxManage: error: VERR_DISK_FULL\n', code: 1 }, 'DISK_FULL'],
    ['a VBoxManage that is killed', { match: '^modifyvm', die: true }, 'VBOXMANAGE_KILLED'],
    ['a start that fails', { match: '^startvm', stderr: 'VBoxManage: error: VERR_VMX_NO_VMX\n', code: 1 }, /^VBOX_/],
  ])('%s: it says so, and removal leaves nothing', async (_, fault, code) => {
    await make({ FAKE_VBOX_FAULTS: JSON.stringify([fault]) });
    await bench.store.add('box', { ...flags, 'virtualbox-hostonly-cidr': cidr });
    const failing = bench.open('box', quick).create(async () => Buffer.from('the seed'));
    await expect(failing).rejects.toMatchObject({ code: expect.stringMatching(code) });
    await bench.open('box').remove();
    expect(await readdir(bench.store.directory('box'))).toEqual([]);
    expect(await bench.standIn.ask('list vms')).toBe('');
    expect(await bench.standIn.ask('list dhcpservers')).not.toContain('Fixed Address');
  });
});

test('a start that hangs ends after its time, and says what it waited for', async () => {
  await make({ FAKE_VBOX_FAULTS: JSON.stringify([{ match: '^startvm', hang: true, times: 0 }]) });
  await bench.running('box');
  await bench.standIn.ask(['controlvm', bench.idOf('box'), 'poweroff']);
  await expect(power(bench.open('box', { ...quick, startMs: 500 }), 'start')()).rejects.toMatchObject({
    code: 'VBOXMANAGE_HANGS',
    message: expect.stringContaining('startvm'),
  });
});

test('stop() presses the button again for a guest that missed it, and gives up with a hint', async () => {
  await make({ FAKE_VBOX_ACPI_MS: '-1' });
  await bench.running('deaf');
  await bench.takeCalls();
  const impatient = bench.open('deaf', { ...quick, stopMs: 3000, pressAgainMs: 500 });
  await expect(power(impatient, 'stop')()).rejects.toMatchObject({
    code: 'STOP_TIMED_OUT',
    hint: expect.stringContaining('kill deaf'),
  });
  const presses = (await bench.takeCalls()).filter((call) => call.endsWith('acpipowerbutton'));
  expect(presses.length).toBeGreaterThan(1);
});

test('dockerUrl() follows a guest that tells another address, and recordedUrl() then, too', async () => {
  await make();
  await bench.running('box');
  await bench.store.host('box').saveData({ ...bench.store.data('box'), IPAddress: '192.168.56.101' });
  const mac = String(bench.store.data('box')['HostOnlyMAC']).match(/../g)?.join(':').toLowerCase();
  const said = `tmachine: network\r\ntmachine-address: ${mac} 192.168.56.150\r\n`;
  await writeFile(join(bench.store.directory('box'), 'console.log'), said);
  const driver = bench.open('box');
  expect(driver.recordedUrl?.()).toBe('tcp://192.168.56.101:2376');
  expect(await driver.dockerUrl()).toBe('tcp://192.168.56.150:2376');
  expect(await driver.guest?.address()).toBe('192.168.56.150');
  expect(driver.recordedUrl?.()).toBe('tcp://192.168.56.150:2376');
  expect(await bench.takeCalls()).toEqual([]);
});

test('two machines never choose the same SSH port', async () => {
  await make();
  await bench.running('box');
  const others = [{ SSHPort: 1 }];
  let asked = 0;
  const driver = bench.open('box', quick, (host) => ({
    ...host,
    network: {
      ...host.network,
      accepts: async () => true,
      isPortFree: async () => false,
      findFreePort: async () => ++asked,
    },
    otherMachines: async () => others,
  }));
  await bench.standIn.ask(['controlvm', bench.idOf('box'), 'poweroff']);
  await power(driver, 'start')();
  expect(driver.data['SSHPort']).toBe(2);
});

test('ten machines started at once get ten addresses', { timeout: 180_000 }, async () => {
  await make();
  await bench.makeNetwork();
  const names = Array.from({ length: 10 }, (_, index) => `m${index}`);
  for (const name of names) await bench.madeByDockerMachine(name);
  const started = names.map(async (name) => {
    const driver = bench.open(name, quick, listening);
    await power(driver, 'start')();
    return driver.data;
  });
  const data = await Promise.all(started);
  expect(new Set(data.map(({ IPAddress }) => IPAddress)).size).toBe(10);
  const servers = await bench.standIn.ask('list dhcpservers');
  for (const { IPAddress } of data) expect(servers).toMatch(new RegExp(`Fixed Address: +${IPAddress}$`, 'm'));
});
