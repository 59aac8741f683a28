import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Driver, JsonObject } from '../../src/driver/contract.ts';
import { cidr, flags, image, quick, VirtualBoxBench } from '../support/virtualbox-bench.ts';
import { power } from './driver-contract.ts';

let bench: VirtualBoxBench;
afterEach(async () => await bench[Symbol.asyncDispose]());

const make = async (settings: Readonly<Record<string, string>> = {}): Promise<void> => {
  bench = await VirtualBoxBench.make({ FAKE_VBOX_ENGINE: '', ...settings });
};
const idOf = (name: string): string => bench.idOf(name);
const open = (name: string): Driver => bench.open(name, quick);

test('bootImage.replace() puts an image there that the next start takes', async () => {
  await make();
  await bench.running('upgraded');
  await power(open('upgraded'), 'kill')();
  const { bootImage } = open('upgraded');
  const newer = join(bench.store.root, 'newer.iso');
  await writeFile(newer, Buffer.concat([image, Buffer.alloc(2048)]));
  expect(bootImage?.path).toBe(join(bench.store.directory('upgraded'), 'boot2docker.iso'));
  await bootImage?.replace({ path: newer, takesSeed: true });
  expect(await readFile(bootImage?.path ?? '')).toEqual(await readFile(newer));
  await power(open('upgraded'), 'start')();
  expect(await open('upgraded').state()).toBe('Running');
});

describe('a VM that was changed in VirtualBox itself', () => {
  test('renamed: it is still ours', async () => {
    await make();
    await bench.running('old');
    await bench.standIn.ask(['controlvm', idOf('old'), 'poweroff']);
    await bench.standIn.ask(['modifyvm', idOf('old'), '--name', 'new']);
    expect(await open('old').state()).toBe('Stopped');
    await power(open('old'), 'start')();
    expect(await open('old').state()).toBe('Running');
    await open('old').remove();
    expect(await bench.standIn.ask('list vms')).toBe('');
    expect(await readdir(bench.store.directory('old'))).toEqual([]);
  });

  test('deleted: the state is an error, and only removal works', async () => {
    await make();
    await bench.running('gone');
    await bench.standIn.ask(['controlvm', idOf('gone'), 'poweroff']);
    await bench.standIn.ask(['unregistervm', idOf('gone')]);
    expect(await open('gone').state()).toBe('Error');
    await expect(power(open('gone'), 'start')()).rejects.toMatchObject({ code: 'VIRTUALBOX_VM_MISSING' });
    await power(open('gone'), 'stop')();
    await open('gone').remove();
    expect(await readdir(bench.store.directory('gone'))).toEqual([]);
  });

  test('its settings file lost: the same', async () => {
    await make();
    await bench.running('lost');
    await bench.standIn.ask(['controlvm', idOf('lost'), 'poweroff']);
    await bench.standIn.ask(['stand-in', 'lose', idOf('lost')]);
    expect(await open('lost').state()).toBe('Error');
    await expect(power(open('lost'), 'start')()).rejects.toThrow('VirtualBox cannot read the settings of its VM');
    await open('lost').remove();
    expect(await bench.standIn.ask('list vms')).toBe('');
    expect(await readdir(bench.store.directory('lost'))).toEqual([]);
  });

  test('open in a window: start says so', async () => {
    await make();
    await bench.running('busy');
    await bench.standIn.ask(['controlvm', idOf('busy'), 'poweroff']);
    await bench.standIn.ask(['stand-in', 'open', idOf('busy')]);
    await expect(power(open('busy'), 'start')()).rejects.toMatchObject({ code: 'VBOX_VM_LOCKED' });
    await bench.standIn.ask(['stand-in', 'close', idOf('busy')]);
  }, 60_000);

  test.each([
    ['aborted', 'Stopped'],
    ['gurumeditation', 'Error'],
    ['starting', 'Starting'],
  ])('%s is %s', async (state, expected) => {
    // VirtualBox passes the button on to running guests alone.
    const refusal = 'VBoxManage: error: Invalid machine state: GuruMeditation\n';
    const fault = { match: 'acpipowerbutton', stderr: refusal, code: 1, times: 0 };
    await make({ FAKE_VBOX_FAULTS: JSON.stringify([fault]) });
    await bench.running('odd');
    await bench.standIn.ask(['stand-in', 'state', idOf('odd'), state]);
    expect(await open('odd').state()).toBe(expected);
    if (state === 'aborted') await power(open('odd'), 'start')();
    else await expect(power(open('odd'), 'start')()).rejects.toMatchObject({ code: 'VIRTUALBOX_VM_STUCK' });
    if (state === 'gurumeditation') {
      await expect(power(open('odd'), 'stop')()).rejects.toMatchObject({ code: 'VIRTUALBOX_VM_STUCK' });
      await power(open('odd'), 'kill')();
    }
    if (state !== 'starting') return;
    await expect(power(open('odd'), 'kill')()).rejects.toMatchObject({ code: 'VIRTUALBOX_VM_STUCK' });
    await bench.standIn.ask(['stand-in', 'state', idOf('odd'), 'aborted']);
  });

  test('saved: it starts from there, kill drops it, stop refuses', async () => {
    await make();
    await bench.running('saved');
    await power(open('saved'), 'save')();
    await power(open('saved'), 'save')();
    expect(await open('saved').state()).toBe('Saved');
    await expect(power(open('saved'), 'stop')()).rejects.toThrow('it is saved');
    await power(open('saved'), 'start')();
    expect(await open('saved').state()).toBe('Running');
    await power(open('saved'), 'save')();
    await power(open('saved'), 'kill')();
    expect(await open('saved').state()).toBe('Stopped');
    await expect(power(open('saved'), 'save')()).rejects.toMatchObject({ code: 'NOT_RUNNING' });
  });
});

describe('a VM of the same name that is not ours', () => {
  test('is named by the preflight, exit status 3', async () => {
    await make();
    await bench.standIn.ask([
      'createvm',
      '--name',
      'box',
      '--basefolder',
      join(bench.standIn.path, 'foreign'),
      '--register',
    ]);
    const id = /\{(.*)\}/.exec(await bench.standIn.ask('list vms'))?.[1] ?? '';
    await bench.store.add('box', { ...flags, 'virtualbox-hostonly-cidr': cidr });
    const refusal = { code: 'VIRTUALBOX_NAME_TAKEN', exitCode: 3, message: expect.stringContaining(id) };
    await expect(open('box').preflight()).rejects.toMatchObject(refusal);
    await open('box').remove();
    expect(await bench.standIn.ask('list vms')).toContain(id);
  });

  test('is named, too, where only its registration is left of it', async () => {
    await make();
    await bench.madeByDockerMachine('box');
    await bench.standIn.ask('stand-in lose box');
    await bench.store.add('box', { ...flags, 'virtualbox-hostonly-cidr': cidr });
    const id = /\{(.*)\}/.exec(await bench.standIn.ask('list vms'))?.[1] ?? '';
    await expect(open('box').preflight()).rejects.toMatchObject({
      code: 'VIRTUALBOX_NAME_TAKEN',
      hint: expect.stringContaining(`unregistervm ${id}`),
    });
    await bench.standIn.ask(['unregistervm', id]);
  });

  test("is not taken for docker-machine's", async () => {
    await make();
    await bench.madeByDockerMachine('box');
    await bench.standIn.ask(['unregistervm', 'box']);
    await rm(join(bench.store.directory('box'), 'box'), { recursive: true });
    await bench.standIn.ask([
      'createvm',
      '--name',
      'box',
      '--basefolder',
      join(bench.standIn.path, 'foreign'),
      '--register',
    ]);
    expect(await open('box').state()).toBe('Error');
    await open('box').remove();
    expect(await bench.standIn.ask('list vms')).toContain('"box"');
  });
});

describe("docker-machine's own VM", () => {
  test('is started, learnt, stopped and removed', async () => {
    await make();
    await bench.makeNetwork();
    await bench.madeByDockerMachine('box');
    const driver = open('box');
    await power(driver, 'start')();
    expect(driver.data).toMatchObject({
      VMID: expect.stringMatching(/^[\da-f-]{36}$/),
      HostOnlyMAC: expect.stringMatching(/^[\dA-F]{12}$/),
      IPAddress: expect.stringMatching(/^192\.168\.56\.\d+$/),
      FixedLease: true,
    });
    expect(driver.console).toBeUndefined();
    await bench.store.host('box').saveData(driver.data as JsonObject);
    expect(await open('box').state()).toBe('Running');
    await power(open('box'), 'stop')();
    expect(await open('box').state()).toBe('Stopped');
    await open('box').remove();
    expect(await readdir(bench.store.directory('box'))).toEqual([]);
  });

  test('is found when it was renamed or moved', async () => {
    await make();
    await bench.madeByDockerMachine('box', join(bench.standIn.path, 'elsewhere'));
    expect(await open('box').state()).toBe('Stopped');
    await bench.madeByDockerMachine('other');
    await bench.standIn.ask(['modifyvm', 'other', '--name', 'renamed']);
    expect(await open('other').state()).toBe('Stopped');
  });
});

describe('a file that is missing', () => {
  test('the boot image is put back', async () => {
    await make();
    await bench.running('box');
    await power(open('box'), 'kill')();
    await rm(join(bench.store.directory('box'), 'boot2docker.iso'));
    await power(open('box'), 'start')();
    expect(await readFile(join(bench.store.directory('box'), 'boot2docker.iso'))).toEqual(image);
  });

  test('the disk is named', async () => {
    await make();
    await bench.running('box');
    await power(open('box'), 'kill')();
    await rename(join(bench.store.directory('box'), 'disk.vmdk'), join(bench.standIn.path, 'disk.vmdk'));
    await expect(power(open('box'), 'start')()).rejects.toMatchObject({
      code: 'VIRTUALBOX_FILE_MISSING',
      message: expect.stringContaining('disk.vmdk" is missing'),
    });
    await open('box').remove();
  });
});
