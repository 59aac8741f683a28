import { readFile, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { findFreePort } from '../../src/host/network.ts';
import { describeWith } from '../support/requires.ts';
import { tinyGuestImage } from '../support/tiny-guest.ts';
import { makeVBoxStandIn, type VBoxStandIn } from '../support/vboxmanage-stand-in.ts';

describeWith(['qemu-system-x86_64', 'setpriv'], 'the stand-in for VBoxManage runs machines with QEMU', () => {
  let vbox: VBoxStandIn;
  const made: string[] = [];
  afterEach(async () => {
    for (const name of made.splice(0)) await vbox.answer(['controlvm', name, 'poweroff']);
    await vbox[Symbol.asyncDispose]();
  });

  const ask = async (line: string): Promise<string> => await vbox.ask(line);
  const state = async (name: string): Promise<string | undefined> => await vbox.info(name, 'VMState');
  const consoleOf = async (name: string): Promise<string> =>
    await readFile(join(vbox.path, `${name}.log`), 'utf8').catch(() => '');

  /** A machine with a disk, the image of a tiny guest, a console, NAT and an adapter at 127.0.97.1. */
  async function make(name: string, says = 'up'): Promise<void> {
    const path = vbox.path;
    const image = tinyGuestImage({ says, obeysPowerButton: true });
    await writeFile(join(path, `${name}.iso`), image);
    await ask(`createvm --name ${name} --basefolder ${path} --ostype Linux26_64 --register`);
    made.push(name);
    await ask(`convertfromraw stdin ${path}/${name}.vmdk 16777216 --format VMDK`);
    await ask(`modifyvm ${name} --memory 64 --boot1 dvd --nic2 hostonly --hostonlyadapter2 vboxnet0`);
    await ask(`modifyvm ${name} --uart1 0x3F8 4 --uartmode1 file ${path}/${name}.log`);
    await ask(`storagectl ${name} --name SATA --add sata`);
    const attach = `storageattach ${name} --storagectl SATA --device 0`;
    await ask(`${attach} --port 0 --type dvddrive --medium ${path}/${name}.iso`);
    await ask(`${attach} --port 1 --type hdd --medium ${path}/${name}.vmdk`);
  }

  async function makeNetwork(): Promise<void> {
    vbox = await makeVBoxStandIn({ FAKE_VBOX_ENGINE: 'qemu' });
    await ask('hostonlyif create');
    await ask('hostonlyif ipconfig vboxnet0 --ip 127.0.97.1 --netmask 255.255.255.0');
    const range = '--netmask 255.255.255.0 --lower-ip 127.0.97.100 --upper-ip 127.0.97.199';
    await ask(`dhcpserver modify --interface vboxnet0 --ip 127.0.97.2 ${range} --enable`);
  }

  async function started(name: string, says = 'up'): Promise<void> {
    await make(name, says);
    await ask(`startvm ${name} --type headless`);
    await expect.poll(async () => await consoleOf(name), { timeout: 20_000 }).not.toBe('');
  }

  test('startvm, power button', async () => {
    await makeNetwork();
    const port = await findFreePort('127.0.0.1');
    await make('m', 'mine is 10.0.3.15');
    await ask(`modifyvm m --natpf1 ssh,tcp,127.0.0.1,${port},,22`);
    await ask('startvm m --type headless');
    // The guest is told of by the address it is reached at.
    await expect.poll(async () => await consoleOf('m'), { timeout: 20_000 }).toContain('mine is 127.0.97.100');
    expect(await state('m')).toBe('running');
    expect(await accepts('127.0.0.1', port)).toBe(true);
    await expect.poll(async () => await accepts('127.0.97.100', 2376)).toBe(true);
    await ask('controlvm m acpipowerbutton');
    await expect.poll(async () => await state('m'), { timeout: 20_000 }).toBe('poweroff');
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test('each machine has a lease of its own, the fixed one or always the same', async () => {
    await makeNetwork();
    for (const name of ['one', 'two']) await started(name);
    await expect.poll(async () => await accepts('127.0.97.101', 2376)).toBe(true);
    for (const name of ['one', 'two']) await ask(`controlvm ${name} poweroff`);
    await ask('dhcpserver modify --interface vboxnet0 --vm one --nic 2 --fixed-address 127.0.97.77');
    for (const name of ['two', 'one']) await ask(`startvm ${name} --type headless`);
    await expect.poll(async () => await accepts('127.0.97.101', 2376)).toBe(true);
    await expect.poll(async () => await accepts('127.0.97.77', 2376)).toBe(true);
    const mac = await vbox.info('one', 'macaddress2');
    expect(await ask(`dhcpserver findlease --interface vboxnet0 --mac-address ${mac}`)).toContain('127.0.97.77\n');
  });

  test('pause, resume, natpf, savestate and start', async () => {
    await makeNetwork();
    const port = await findFreePort('127.0.0.1');
    await started('m');
    await ask('controlvm m pause');
    expect(await state('m')).toBe('paused');
    await ask('controlvm m resume');
    await ask(`controlvm m natpf1 more,tcp,127.0.0.1,${port},,80`);
    expect(await accepts('127.0.0.1', port)).toBe(true);
    await ask('controlvm m natpf1 delete more');
    expect(await accepts('127.0.0.1', port)).toBe(false);
    await ask('controlvm m savestate');
    expect(await state('m')).toBe('saved');
    await ask('startvm m --type headless');
    await ask('controlvm m acpipowerbutton');
    await expect.poll(async () => await state('m'), { timeout: 20_000 }).toBe('poweroff');
  });

  test('a machine whose process is killed is aborted, and QEMU with it', async () => {
    await makeNetwork();
    for (const which of ['qemu', 'keeper']) {
      if (which === 'qemu') await started('m');
      else await ask('startvm m --type headless');
      const pids = await processesOf('m');
      process.kill(pids[which] ?? 0, 'SIGKILL');
      await expect.poll(async () => await state('m')).toBe('aborted');
      await expect.poll(async () => await accepts('127.0.97.100', 2376)).toBe(false);
    }
  });

  test('startvm with a port that someone else has succeeds, and tells of it in VBox.log', async () => {
    await makeNetwork();
    await make('m');
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    await ask(`modifyvm m --natpf1 ssh,tcp,127.0.0.1,${port},,22`);
    expect(await ask('startvm m --type headless')).toContain('has been successfully started');
    other.close();
    const log = await readFile(join(vbox.path, 'm', 'Logs', 'VBox.log'), 'utf8');
    expect(log).toContain(`failed to set up redirection of ${port} to 22`);
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test('startvm without QEMU fails as with a process that ends at once', async () => {
    await makeNetwork();
    await make('m');
    const { code, stderr } = await vbox.answer('startvm m --type headless', { PATH: '/usr/bin/nowhere' });
    expect(code).toBe(1);
    expect(stderr).toContain("The virtual machine 'm' has terminated unexpectedly during startup");
    expect(await state('m')).toBe('poweroff');
  });

  async function processesOf(name: string): Promise<Readonly<Record<string, number>>> {
    const file = await readFile(join(vbox.path, name, `${name}.vbox`), 'utf8');
    const pid = (which: string): number => Number(new RegExp(`"${which}":(\\d+)`).exec(file)?.[1]);
    return { qemu: pid('qemu'), keeper: pid('keeper') };
  }
});

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
