import { expect, test } from 'vitest';
import { configureVirtualBox } from '../../../../drivers/virtualbox/data.ts';
import { parseConsoleAddress } from '../../../../drivers/virtualbox/find-address.ts';
import { virtualBoxFlags } from '../../../../drivers/virtualbox/flags.ts';
import { parseDeadPorts, planSshRule } from '../../../../drivers/virtualbox/nat-port.ts';
import { planCpuCount, planCreateVm, planStorage, planVmSettings } from '../../../../drivers/virtualbox/plan-create.ts';
import { resolveFlags, type TypedFlags } from '../../../../src/driver/resolve-flags.ts';

const identity = '646f7b0f-2037-482d-a110-b11a193421f9';
const parts = {
  baseFolder: '/m/box',
  imagePath: '/m/box/boot2docker.iso',
  diskPath: '/m/box/disk.vmdk',
  consolePath: '/m/box/console.log',
  cpuCount: 64,
  nicArgs: ['--nic2', 'hostonly', '--hostonlyadapter2', 'vboxnet3'],
};

function settings(typed: TypedFlags = {}, change: object = {}): string {
  const place = { name: 'box', storePath: '/', sshKeyPath: '/m/box/id_rsa' };
  const data = configureVirtualBox(resolveFlags(virtualBoxFlags, typed, {}), place);
  return planVmSettings({ ...data, VMID: identity, SSHPort: 50321, ...change }, parts).join(' ');
}

test('planCreateVm() makes the VM inside the folder of the machine, with an identity of our own', () => {
  expect(planCreateVm('box', identity, '/m/box').join(' ')).toBe(
    `createvm --basefolder /m/box --name box --uuid ${identity} --register`,
  );
});

test("planVmSettings() sets docker-machine's settings in one call", () => {
  expect(settings()).toBe(
    `modifyvm ${identity} --firmware bios --bioslogofadein off --bioslogofadeout off --bioslogodisplaytime 0 ` +
      '--biosbootmenu disabled --ostype Linux26_64 --acpi on --ioapic on --rtcuseutc on --cpuhotplug off --pae on ' +
      '--hpet on --hwvirtex on --nestedpaging on --largepages on --vtxvpid on --accelerate3d off --boot1 dvd ' +
      '--cpus 1 --memory 2048 --natdnshostresolver1 off --natdnsproxy1 on ' +
      '--nic1 nat --nictype1 82540EM --cableconnected1 on --natpf1 ssh,tcp,127.0.0.1,50321,,22 ' +
      '--nic2 hostonly --hostonlyadapter2 vboxnet3 --nictype2 82540EM --nicpromisc2 deny --cableconnected2 on',
  );
});

test('planVmSettings() follows the options, and gives the card and the console their places', () => {
  const typed = {
    'virtualbox-host-dns-resolver': true,
    'virtualbox-no-dns-proxy': true,
    'virtualbox-nat-nictype': 'virtio',
    'virtualbox-hostonly-nictype': 'Am79C973',
    'virtualbox-hostonly-nicpromisc': 'allow-vms',
    'virtualbox-cpu-count': '-1',
    'virtualbox-memory': '4096',
  };
  const text = settings(typed, { HostOnlyMAC: '0800270A0B0C', KeepsConsole: true });
  for (const part of [
    '--natdnshostresolver1 on --natdnsproxy1 off',
    '--nictype1 virtio',
    '--nictype2 Am79C973 --nicpromisc2 allow-vms',
    '--cpus 32 --memory 4096',
    '--macaddress2 0800270A0B0C --uart1 0x3F8 4 --uartmode1 file /m/box/console.log',
  ])
    expect(text).toContain(part);
});

test('planStorage() attaches image and disk where docker-machine does', () => {
  expect(planStorage(identity, parts).map((args) => args.join(' '))).toEqual([
    `storagectl ${identity} --name SATA --add sata --hostiocache on`,
    `storageattach ${identity} --storagectl SATA --port 0 --device 0 --type dvddrive --medium /m/box/boot2docker.iso`,
    `storageattach ${identity} --storagectl SATA --port 1 --device 0 --type hdd --medium /m/box/disk.vmdk`,
  ]);
});

test('planCpuCount() takes all processors for -1, but no more than 32', () => {
  expect([planCpuCount(3, 8), planCpuCount(-1, 8), planCpuCount(-1, 128), planCpuCount(64, 128)]).toEqual([
    3, 8, 32, 32,
  ]);
});

test('planSshRule() deletes a rule only where there is one, because deleting another fails the whole call', () => {
  const add = ['--natpf1', 'ssh,tcp,127.0.0.1,50321,,22'];
  expect(planSshRule(50321, false)).toEqual(add);
  expect(planSshRule(50321, true)).toEqual(['--natpf1', 'delete', 'ssh', ...add]);
});

test('parseDeadPorts() finds the ports that VirtualBox could not listen on', () => {
  const log = '00:00:01 NAT: failed to set up redirection of 22041 to 22. Probably ...\n00:00:02 NAT: link up\n';
  expect(parseDeadPorts(log)).toEqual([22041]);
});

test('parseConsoleAddress() takes the last address told for the card', () => {
  const console = [
    'tmachine: network',
    'tmachine-address: 08:00:27:0a:0b:0c 192.168.56.101\r',
    'tmachine-address: 08:00:27:ff:ff:ff 10.0.2.15',
    'tmachine-address: 08:00:27:0a:0b:0c 192.168.56.150\r',
    '',
  ].join('\n');
  expect(parseConsoleAddress(console, '0800270A0B0C')).toBe('192.168.56.150');
  expect(parseConsoleAddress(console, '080027000000')).toBeUndefined();
});
