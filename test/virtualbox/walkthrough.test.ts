import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineApiCases } from '../real/cases/engine-api.ts';
import { shellCases } from '../real/cases/shells.ts';
import { sshCases } from '../real/cases/ssh.ts';
import { tlsCases } from '../real/cases/tls.ts';
import type { RealStore } from '../support/real-store.ts';
import { describeWith } from '../support/requires.ts';
import { createWords, openVirtualBoxStore, type VirtualBoxStore } from '../support/virtualbox-store.ts';
import { movedAddressCases } from './cases/moved-address.ts';

const programs = ['VBoxManage', 'openssl', 'curl', 'ssh', 'rsync', 'script'];

describeWith(programs, 'the walkthrough on VirtualBox', () => {
  let opened: VirtualBoxStore | undefined;
  const lab = (): VirtualBoxStore => {
    if (opened === undefined) throw new Error('The store could not be made');
    return opened;
  };
  const store = (): RealStore => lab().store;
  beforeAll(async () => {
    opened = await openVirtualBoxStore();
  });
  afterAll(async () => await opened?.[Symbol.asyncDispose]());

  // In this order: each group finds the machine as the one before it left it.
  test('create makes the network and the machine with at most 16 calls', async () => {
    const folder = join(store().path, 'shared');
    await mkdir(folder);
    await writeFile(join(folder, 'from-here'), 'shared\n');
    const words = [...createWords, '--virtualbox-share-folder', `${folder}:shared`, 'myhost'];
    const { stdout, stderr } = await lab().within(16, words);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/Docker is up and running!\n.+run: tmachine env myhost\n$/);
  });

  test('the engine was started once, and knows its host', async () => {
    const log = await store().inGuest('myhost', 'sudo cat /var/log/docker.log');
    expect(log.match(/msg="Starting up"/g)).toHaveLength(1);
    expect(await store().inGuest('myhost', "docker info -f '{{.Name}}'")).toBe('myhost\n');
    expect(JSON.parse(await store().inGuest('myhost', "docker info -f '{{json .Labels}}'"))).toContain(
      'provider=virtualbox',
    );
  });

  test('the record has the keys of docker-machine', async () => {
    const { ConfigVersion, DriverName, Driver } = await store().config('myhost');
    expect({ ConfigVersion, DriverName }).toEqual({ ConfigVersion: 3, DriverName: 'virtualbox' });
    expect(Driver).toMatchObject({ MachineName: 'myhost', SSHUser: 'docker', Memory: 1024, CPU: 1, NoVTXCheck: true });
    expect(Driver['HostOnlyCIDR']).toMatch(/^[\d.]+\/\d+$/);
    expect(Number(Driver['SSHPort'])).toBeGreaterThan(1023);
  });

  test('a folder of this computer is there', async () => {
    expect(await store().inGuest('myhost', 'cat /shared/from-here')).toBe('shared\n');
    await store().inGuest('myhost', 'echo guest | sudo tee /shared/from-guest');
    expect(await readFile(join(store().path, 'shared', 'from-guest'), 'utf8')).toBe('guest\n');
  });

  test.each(['env', 'config', 'ip', 'url'])('%s of a machine that answers needs no call', async (command) => {
    await lab().within(0, command === 'env' ? ['env', '--shell', 'bash', 'myhost'] : [command, 'myhost']);
  });

  test('status needs one call, ls two', async () => {
    expect((await lab().within(1, ['status', 'myhost'])).stdout).toBe('Running\n');
    const { IPAddress } = (await store().config('myhost')).Driver;
    const [, row] = (await lab().within(2, ['ls'])).stdout.split('\n').map((line) => line.trim().split(/\s+/));
    const version = expect.stringContaining(`v${store().image.engineVersion}`);
    expect(row).toEqual(['myhost', '-', 'virtualbox', 'Running', `tcp://${IPAddress}:2376`, version]);
  });

  describe('inside the machine', () => engineApiCases(store));
  describeWith(['docker', 'zsh', 'fish', 'tcsh', 'emacs'], 'env and config in real shells', () => shellCases(store));
  describe('mutual TLS', () => tlsCases(store));
  describe('ssh', () => sshCases(store));

  test('stop, start and restart keep address, images and containers within their calls', async () => {
    const address = await store().ask('ip', 'myhost');
    const images = await store().ask('ssh', 'myhost', 'docker images -q');
    await lab().within(4, ['stop', 'myhost']);
    expect((await lab().within(1, ['status', 'myhost'])).stdout).toBe('Stopped\n');
    expect((await store().tmachine(['env', 'myhost'])).stderr).toContain('Host is not running');
    await lab().within(8, ['start', 'myhost']);
    expect(await store().ask('ip', 'myhost')).toBe(address);
    expect(await store().ask('ssh', 'myhost', 'docker images -q')).toBe(images);
    await lab().within(12, ['restart', 'myhost']);
    expect(await store().ask('ip', 'myhost')).toBe(address);
    expect(await store().ask('env', '--shell', 'bash', 'myhost')).toContain(`"tcp://${address.trim()}:2376"`);
  });

  test('regenerate-certs -f needs two calls', async () => {
    const before = await readFile(store().file('myhost', 'server.pem'), 'utf8');
    await lab().within(2, ['regenerate-certs', '-f', 'myhost']);
    expect(await readFile(store().file('myhost', 'server.pem'), 'utf8')).not.toBe(before);
    expect(await store().ask('env', '--shell', 'bash', 'myhost')).toContain('DOCKER_HOST');
  });

  describe('another address', () => movedAddressCases(lab));

  test('kill, then rm leaves nothing in VirtualBox and in the store', async () => {
    await lab().within(3, ['kill', 'myhost']);
    expect(await store().ask('status', 'myhost')).toBe('Stopped\n');
    const { stderr } = await lab().within(5, ['rm', 'myhost'], { input: 'y\n' });
    expect(stderr).toContain('Successfully removed myhost\n');
    expect(await lab().place.vboxManage('list', 'vms')).toBe('');
    expect(await lab().place.vboxManage('list', 'hdds')).not.toContain(store().path);
    expect(await lab().place.vboxManage('list', 'dhcpservers')).not.toContain('Fixed Address');
    expect(await store().ask('ls', '-q')).toBe('');
  });
});
