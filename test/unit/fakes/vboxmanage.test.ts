import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeVBoxStandIn, standInProgram, type VBoxStandIn } from '../../support/vboxmanage-stand-in.ts';

const open: VBoxStandIn[] = [];
afterEach(async () => {
  for (const standIn of open.splice(0)) await standIn[Symbol.asyncDispose]();
});

async function make(settings: Readonly<Record<string, string>> = {}): Promise<VBoxStandIn> {
  const standIn = await makeVBoxStandIn(settings);
  open.push(standIn);
  return standIn;
}

/** With a machine `m` that has a disk. */
async function withMachine(settings: Readonly<Record<string, string>> = {}): Promise<VBoxStandIn> {
  const vbox = await make(settings);
  await vbox.ask(`createvm --name m --basefolder ${vbox.path} --ostype Linux26_64 --register`);
  await vbox.ask(`convertfromraw stdin ${vbox.path}/disk.vmdk 1048576 --format VMDK`);
  await vbox.ask('storagectl m --name SATA --add sata');
  await vbox.ask(`storageattach m --storagectl SATA --port 1 --device 0 --type hdd --medium ${vbox.path}/disk.vmdk`);
  return vbox;
}

/** With an adapter at 192.168.56.1. */
async function withAdapter(settings: Readonly<Record<string, string>> = {}): Promise<VBoxStandIn> {
  const vbox = await withMachine(settings);
  await vbox.ask('hostonlyif create');
  await vbox.ask('hostonlyif ipconfig vboxnet0 --ip 192.168.56.1 --netmask 255.255.255.0');
  await vbox.ask('modifyvm m --nic2 hostonly --hostonlyadapter2 vboxnet0');
  return vbox;
}

test('VBoxManage in fakes is a program that takes its input from stdin', async () => {
  const vbox = await make();
  const { stdout } = await vbox.run('--version');
  expect(stdout).toBe('7.2.22_Debianr175245\n');
  const child = spawn(standInProgram, ['convertfromraw', 'stdin', join(vbox.path, 'a.vmdk'), '4194304'], {
    env: vbox.env,
  });
  child.stdin.end(Buffer.alloc(100_000, 'x'));
  expect(await once(child, 'close')).toEqual([0, null]);
  const disk = await readFile(join(vbox.path, 'a.vmdk'));
  expect(disk.subarray(0, 100_000).every((byte) => byte === 120)).toBe(true);
  expect(disk.subarray(100_000, 4_194_304).every((byte) => byte === 0)).toBe(true);
});

test('settings folders do not see each other, but share adapters through FAKE_VBOX_HOST', async () => {
  const [one, other] = [await make(), await make()];
  const shared = { FAKE_VBOX_HOST: one.path };
  await one.ask('createvm --name m --register --basefolder '.concat(one.path));
  await one.ask('hostonlyif create', shared);
  expect(await other.ask('list vms')).toBe('');
  expect(await other.ask('list hostonlyifs')).toBe('');
  expect(await other.ask('list hostonlyifs', shared)).toContain('vboxnet0');
});

test('many calls at once lose nothing', async () => {
  const vbox = await withMachine();
  const rules = Array.from({ length: 20 }, (_, i) => `r${i},tcp,,${23000 + i},,22`);
  await Promise.all(rules.map((rule) => vbox.ask(`modifyvm m --natpf1 ${rule}`)));
  expect((await vbox.ask('showvminfo m --machinereadable')).match(/^Forwarding/gm)).toHaveLength(20);
  const starts = await Promise.all(Array.from({ length: 5 }, () => vbox.answer('startvm m --type headless')));
  expect(starts.filter(({ code }) => code === 0)).toHaveLength(1);
  expect(starts.filter(({ stderr }) => stderr.includes('already locked by a session'))).toHaveLength(4);
});

test('unregistervm --delete takes disks and folder, and leaves what is not its own', async () => {
  const vbox = await withMachine();
  await writeFile(join(vbox.path, 'm', 'notes'), '');
  await vbox.ask('unregistervm m --delete');
  expect(existsSync(join(vbox.path, 'disk.vmdk'))).toBe(false);
  expect(existsSync(join(vbox.path, 'm', 'm.vbox'))).toBe(false);
  expect(existsSync(join(vbox.path, 'm', 'notes'))).toBe(true);
  expect(await vbox.ask('list hdds')).toBe('');
});

test('modifyvm changes all or nothing', async () => {
  const vbox = await withMachine();
  expect(await vbox.answer('modifyvm m --memory 600 --cpus 99')).toMatchObject({ code: 1 });
  expect(await vbox.info('m', 'memory')).toBe('1024');
  await vbox.ask('modifyvm m --name other');
  expect(await vbox.info('other', 'CfgFile')).toBe(join(vbox.path, 'other', 'other.vbox'));
});

test('a machine without its settings file is listed as inaccessible', async () => {
  const vbox = await withMachine();
  const uuid = await vbox.info('m', 'UUID');
  await vbox.ask('stand-in lose m');
  expect(await vbox.ask('list vms')).toBe(`"<inaccessible>" {${uuid}}\n`);
  const long = await vbox.answer('list --long vms');
  expect(long).toMatchObject({ code: 0, stdout: expect.stringContaining('Name:            <inaccessible!>\n') });
  expect(long.stderr).toContain('VERR_FILE_NOT_FOUND');
  expect((await vbox.answer('showvminfo m')).stderr).toContain("registered machine named 'm'");
  expect((await vbox.answer(`showvminfo ${uuid}`)).stderr).toContain('The object functionality is limited');
  expect(await vbox.answer(`unregistervm ${uuid} --delete`)).toMatchObject({ code: 1 });
  expect(await vbox.ask('list vms')).toBe('');
});

test('stand-in makes a machine aborted, stuck, or open in a window', async () => {
  const vbox = await withMachine();
  await vbox.ask('startvm m --type headless');
  await vbox.ask('stand-in state m gurumeditation');
  expect(await vbox.info('m', 'VMState')).toBe('gurumeditation');
  expect(await vbox.ask('list -l vms')).toMatch(/^State: +guru meditation \(since /m);
  await vbox.ask('stand-in state m aborted');
  expect(await vbox.info('m', 'VMState')).toBe('aborted');
  expect(await readFile(join(vbox.path, 'm', 'm.vbox'), 'utf8')).toMatch(/<Machine [^>]*aborted="true"/);
  await vbox.ask('stand-in open m');
  expect((await vbox.answer('modifyvm m --memory 500')).stderr).toContain('already locked for a session');
  expect((await vbox.answer('startvm m')).stderr).toContain('already locked by a session');
  expect((await vbox.answer('unregistervm m')).stderr).toContain('while it is locked');
});

test('a saved state is named in the settings file', async () => {
  const vbox = await withMachine();
  await vbox.ask('startvm m --type headless');
  await vbox.ask('controlvm m savestate');
  expect(await readFile(join(vbox.path, 'm', 'm.vbox'), 'utf8')).toMatch(/stateFile="Snapshots\/\S+\.sav"/);
  await vbox.ask('discardstate m');
  expect(await vbox.info('m', 'VMState')).toBe('poweroff');
});

test('the power button takes FAKE_VBOX_ACPI_MS, and negative means a guest that does not listen', async () => {
  const vbox = await withMachine();
  await vbox.ask('startvm m --type headless');
  await vbox.ask('controlvm m acpipowerbutton', { FAKE_VBOX_ACPI_MS: '-1' });
  expect(await vbox.info('m', 'VMState')).toBe('running');
  await vbox.ask('controlvm m acpipowerbutton', { FAKE_VBOX_ACPI_MS: '100' });
  expect(await vbox.info('m', 'VMState')).toBe('running');
  await expect.poll(() => vbox.info('m', 'VMState')).toBe('poweroff');
});

test('startvm refuses without kernel modules, VT-x, image or disk', async () => {
  const vbox = await withMachine();
  const start = async (env = {}): Promise<string> => (await vbox.answer('startvm m --type headless', env)).stderr;
  expect(await start({ FAKE_VBOX_KERNEL: 'none' })).toContain('terminated unexpectedly during startup');
  expect(await start({ FAKE_VBOX_KERNEL: 'no-vtx' })).toContain('VERR_VMX_NO_VMX');
  await vbox.ask(`stand-in lose-file ${vbox.path}/disk.vmdk`);
  expect(await start()).toContain('VERR_FILE_NOT_FOUND');
  expect(await vbox.info('m', 'VMState')).toBe('poweroff');
});

test('hostonlyif ipconfig keeps to networks.conf, which versions before 6.1.28 do not have', async () => {
  const vbox = await withAdapter();
  const words = 'hostonlyif ipconfig vboxnet0 --ip 192.168.99.1 --netmask 255.255.255.0';
  expect((await vbox.answer(words)).stderr).toContain('E_ACCESSDENIED');
  expect(await vbox.answer(words, { FAKE_VBOX_VERSION: '6.1.26r145957' })).toMatchObject({ code: 0 });
  await writeFile(join(vbox.path, 'networks.conf'), '# ours\n* 10.0.0.0/8 192.168.0.0/16\n* 2001::/64\n');
  expect(await vbox.answer(words, { FAKE_VBOX_NETWORKS_CONF: join(vbox.path, 'networks.conf') })).toMatchObject({
    code: 0,
  });
});

test('dhcpserver keeps fixed leases of machines and MAC addresses', async () => {
  const vbox = await withAdapter();
  await vbox.ask('dhcpserver modify --interface vboxnet0 --vm m --nic 2 --fixed-address 192.168.56.77');
  await vbox.ask(
    'dhcpserver modify --interface vboxnet0 --mac-address 08:00:27:11:22:33 --fixed-address 192.168.56.78',
  );
  const uuid = await vbox.info('m', 'UUID');
  const listed = await vbox.ask('list dhcpservers');
  expect(listed).toMatch(
    new RegExp(`VM NIC: ${uuid} slot 1, MAC 08:00:27:..:..:..\n {4}Fixed Address: {4}192.168.56.77`),
  );
  expect(listed).toContain('Individual Config:    MAC 08:00:27:11:22:33\n    Fixed Address:    192.168.56.78');
  await vbox.ask('dhcpserver modify --interface vboxnet0 --vm m --nic 2 --remove-config');
  expect(await vbox.ask('list dhcpservers')).not.toContain('VM NIC');
  expect(await vbox.answer('dhcpserver modify --interface vboxnet0 --fixed-address 1.2.3.4')).toMatchObject({
    code: 2,
  });
});

test('old versions list DHCP servers in their words and know no fixed leases', async () => {
  const vbox = await withAdapter({ FAKE_VBOX_VERSION: '5.2.44r139111' });
  expect(await vbox.ask('list dhcpservers')).toContain('\nIP:             192.168.56.100\n');
  const words = 'dhcpserver modify --ifname vboxnet0 --vm m --nic 2 --fixed-address 192.168.56.77';
  expect(await vbox.answer(words)).toMatchObject({ code: 2, stderr: expect.stringContaining('Unknown option: --vm') });
});

test('list --multiple puts each list under a heading', async () => {
  const vbox = await withMachine();
  expect(await vbox.ask('list -m hostonlyifs vms runningvms')).toMatch(
    /^\[hostonlyifs\]\n\n\[vms\]\n"m" \{.*\}\n\n\[runningvms\]\n$/,
  );
});

test('on macOS there are host-only networks', async () => {
  const vbox = await make({ FAKE_VBOX_PLATFORM: 'darwin' });
  await vbox.ask('hostonlynet add --name n --netmask 255.255.255.0 --lower-ip 192.168.99.2 --upper-ip 192.168.99.99');
  expect(await vbox.ask('list hostonlynets')).toContain('VBoxNetworkName: hostonly-n\n');
});

test('warnings, CRLF and an unreadable argument come as from the real one', async () => {
  const vbox = await make();
  const odd = { FAKE_VBOX_WARNING: 'WARNING: no module', FAKE_VBOX_CRLF: '1' };
  expect(await vbox.ask('--version', odd)).toBe('WARNING: no module\r\n7.2.22_Debianr175245\r\n');
  const foreign = await vbox.answer(['showvminfo', 'jürgen'], { LC_ALL: 'C' });
  expect(foreign).toMatchObject({ code: 3, stderr: expect.stringContaining('VERR_NO_TRANSLATION') });
});

test('with FAKE_VBOX_RACES one of several calls about a machine is answered', async () => {
  const vbox = await withMachine();
  const calls = Array.from({ length: 4 }, () => vbox.run('showvminfo m --machinereadable', { FAKE_VBOX_RACES: '1' }));
  const answers = await Promise.all(calls);
  expect(answers.some(({ code }) => code === 0)).toBe(true);
  const refused = answers.filter(({ code }) => code !== 0).map(({ stderr }) => stderr);
  expect(refused.every((text) => text.includes('already has a lock request pending'))).toBe(true);
  expect(await vbox.run('showvminfo m', { FAKE_VBOX_RACES: '1' })).toMatchObject({ code: 0 });
});

test('FAKE_VBOX_FAULTS strikes the calls it names, so often as it says', async () => {
  const faults = [
    { match: '^list vms', skip: 1, stderr: 'VBoxManage: error: The object is not ready\n', code: 1 },
    { match: '^createvm', after: true, stderr: 'odd\n' },
  ];
  const vbox = await make({ FAKE_VBOX_FAULTS: JSON.stringify(faults) });
  const codes: number[] = [];
  for (let i = 0; i < 3; i += 1) codes.push((await vbox.answer('list vms')).code);
  expect(codes).toEqual([0, 1, 0]);
  const created = await vbox.answer(`createvm --name m --register --basefolder ${vbox.path}`);
  expect(created).toMatchObject({ code: 0, stderr: 'odd\n' });
  expect(await vbox.ask('list vms')).toContain('"m"');
});

test('FAKE_VBOX_FAULTS lets a call hang or die, and its lock goes with it', async () => {
  const faults = [
    { match: '^list vms', die: true },
    { match: '^list hdds', hang: true },
  ];
  const vbox = await make({ FAKE_VBOX_FAULTS: JSON.stringify(faults) });
  expect(await vbox.run('list vms')).toMatchObject({ code: -1 });
  const child = spawn(standInProgram, ['list', 'hdds'], { env: vbox.env });
  const ended = once(child, 'close');
  await expect.poll(() => existsSync(join(vbox.path, 'settings', 'faults.json'))).toBe(true);
  child.kill('SIGKILL');
  await ended;
  expect(await vbox.ask('list vms')).toBe('');
});

test('VBOXLAB_LOG gets a line for each call', async () => {
  const vbox = await make();
  const log = join(vbox.path, 'log');
  await vbox.ask(['setextradata', 'global', 'a key', "it's"], { VBOXLAB_LOG: log });
  await vbox.answer('showvminfo none', { VBOXLAB_LOG: log });
  const [first, second] = (await readFile(log, 'utf8')).split('\n');
  expect(first).toMatch(/^\d{4}-\S+T[\d:.]{12} \d+\.\d{3} 0 setextradata global 'a key' 'it'"'"'s'$/);
  expect(second).toMatch(/ 1 showvminfo none$/);
});
