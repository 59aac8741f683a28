import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Driver } from '../../src/driver/contract.ts';
import { cidr, flags, quick, VirtualBoxBench } from '../support/virtualbox-bench.ts';

let bench: VirtualBoxBench;
afterEach(async () => await bench[Symbol.asyncDispose]());

const make = async (settings: Readonly<Record<string, string>> = {}): Promise<void> => {
  bench = await VirtualBoxBench.make({ FAKE_VBOX_ENGINE: '', ...settings });
};
const idOf = (name: string): string => bench.idOf(name);
const open = (name: string): Driver => bench.open(name, quick);

describe('--virtualbox-import-boot2docker-vm', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\n';

  async function makeSource(): Promise<Readonly<Record<string, string>>> {
    const home = join(bench.standIn.path, 'home');
    await mkdir(join(home, '.ssh'), { recursive: true });
    await writeFile(join(home, '.ssh', 'id_boot2docker'), key);
    await bench.standIn.ask([
      'createvm',
      '--name',
      'b2d',
      '--basefolder',
      join(bench.standIn.path, 'b2d'),
      '--register',
    ]);
    await bench.standIn.ask('modifyvm b2d --memory 1536 --cpus 2');
    await bench.standIn.ask('storagectl b2d --name SATA --add sata');
    const disk = join(bench.standIn.path, 'b2d.vmdk');
    await bench.standIn.ask(['createmedium', 'disk', '--filename', disk, '--size', '10', '--format', 'VMDK']);
    const attach = ['storageattach', 'b2d', '--storagectl', 'SATA', '--port', '0', '--type', 'hdd', '--medium', disk];
    await bench.standIn.ask(attach);
    return { HOME: home };
  }

  test('takes over disk, memory, processors and key, and needs no seed', async () => {
    await make();
    const env = await makeSource();
    const typed = { 'virtualbox-hostonly-cidr': cidr, 'virtualbox-import-boot2docker-vm': 'b2d' };
    await bench.store.add('box', { ...flags, ...typed });
    const driver = bench.open('box', quick, (host) => ({ ...host, env: { ...host.env, ...env } }));
    await driver.preflight();
    await driver.create(async () => {
      throw new Error('An imported disk takes no seed');
    });
    expect(driver.data).toMatchObject({ Memory: 1536, CPU: 2 });
    expect(await bench.standIn.info(idOf('box'), 'memory')).toBe('1536');
    expect(await readFile(join(bench.store.directory('box'), 'id_rsa'), 'utf8')).toBe(key);
    expect(await readdir(bench.store.directory('box'))).toContain('disk.vmdk');
    await driver.remove();
    expect(await bench.standIn.ask('list vms')).toContain('"b2d"');
  });

  test('refuses a VM that is not there or whose key is missing, exit status 3', async () => {
    await make();
    const typed = { 'virtualbox-hostonly-cidr': cidr, 'virtualbox-import-boot2docker-vm': 'b2d' };
    await bench.store.add('box', { ...flags, ...typed });
    await expect(open('box').preflight()).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('key'),
    });
  });
});

test('a genuine boot2docker has no console of ours, and its guest additions are told where to mount', async () => {
  await make();
  const typed = {
    'virtualbox-hostonly-cidr': cidr,
    'virtualbox-no-share': false,
    'virtualbox-share-folder': ['/tmp:here'],
  };
  await bench.store.add('box', { ...flags, ...typed });
  const driver = bench.open('box', quick, (host) => ({
    ...host,
    bootImage: async (source) => ({ ...(await host.bootImage(source)), takesSeed: false }),
  }));
  await driver.create(async () => Buffer.from('the seed'));
  expect(driver.data).toMatchObject({ KeepsConsole: false });
  expect(open('box').console).toBeUndefined();
  const properties = await bench.standIn.ask(['guestproperty', 'enumerate', idOf('box')]);
  expect(properties).toMatch(/SharedFolders\/MountPrefix += '\/'/);
  expect(properties).toMatch(/SharedFolders\/MountDir += '\/'/);
});

test('a machine shows the home folders unless told otherwise', async () => {
  await make();
  await bench.store.add('box', { ...flags, 'virtualbox-no-share': false, 'virtualbox-hostonly-cidr': cidr });
  await open('box').create(async () => Buffer.from('the seed'));
  expect(await bench.standIn.info(idOf('box'), 'SharedFolderNameMachineMapping1')).toBe('hosthome');
  const key = 'VBoxInternal2/SharedFoldersEnableSymlinksCreate/hosthome';
  expect(await bench.standIn.ask(['getextradata', idOf('box'), key])).toBe('Value: 1\n');
});
