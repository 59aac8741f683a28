import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDockerMachineVm } from '../support/docker-machine-vm.ts';
import { describeWith } from '../support/requires.ts';
import { openVirtualBoxStore, type VirtualBoxStore } from '../support/virtualbox-store.ts';

describeWith(['VBoxManage', 'ssh', 'ssh-keygen'], "docker-machine's own VirtualBox machine", () => {
  let lab: VirtualBoxStore;
  beforeAll(async () => {
    lab = await openVirtualBoxStore();
    await makeDockerMachineVm(lab, 'old');
  });
  afterAll(async () => await lab?.[Symbol.asyncDispose]());

  const answers = async (): Promise<void> => {
    const { IPAddress } = (await lab.store.config('old')).Driver;
    expect(await lab.store.ask('env', '--shell', 'bash', 'old')).toContain(`"tcp://${IPAddress}:2376"`);
  };

  test('is provisioned over SSH, as docker-machine does', async () => {
    expect(await lab.store.ask('status', 'old')).toBe('Running\n');
    await lab.store.ask('provision', 'old');
    await answers();
  });

  test('is listed and entered', async () => {
    const { IPAddress } = (await lab.store.config('old')).Driver;
    const rows = (await lab.within(2, ['ls', '-f', '{{.Name}} {{.DriverName}} {{.State}} {{.URL}}'])).stdout;
    expect(rows).toBe(`old virtualbox Running tcp://${IPAddress}:2376\n`);
    expect(await lab.store.ask('ssh', 'old', 'whoami')).toBe('docker\n');
  });

  test('is stopped and started, and keeps its address', async () => {
    const { IPAddress } = (await lab.store.config('old')).Driver;
    await lab.store.ask('stop', 'old');
    expect(await lab.store.ask('status', 'old')).toBe('Stopped\n');
    await lab.store.ask('start', 'old');
    expect((await lab.store.config('old')).Driver.IPAddress).toBe(IPAddress);
    await answers();
  });

  test('keeps the keys that docker-machine reads', async () => {
    const record = JSON.parse(await readFile(lab.store.file('old', 'config.json'), 'utf8'));
    expect(Object.keys(record)).toEqual(['ConfigVersion', 'Driver', 'DriverName', 'HostOptions', 'Name']);
    expect(record.Driver).toMatchObject({ MachineName: 'old', SSHUser: 'docker', HostOnlyNicType: '82540EM' });
    expect(record.Driver.SSHPort).toBeGreaterThan(0);
  });

  test('is removed with its VM and its files', async () => {
    await lab.store.ask('rm', '-y', '-f', 'old');
    expect(await lab.place.vboxManage('list', 'vms')).toBe('');
    expect(await readdir(join(lab.store.path, 'machines'))).toEqual([]);
  });
});
