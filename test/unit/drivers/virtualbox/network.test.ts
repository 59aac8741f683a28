import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configureVirtualBox } from '../../../../drivers/virtualbox/data.ts';
import { virtualBoxFlags } from '../../../../drivers/virtualbox/flags.ts';
import { checkNetwork, guestCards, prepareNetwork, releaseLease } from '../../../../drivers/virtualbox/network.ts';
import { openMachine } from '../../../../drivers/virtualbox/open-machine.ts';
import { resolveFlags } from '../../../../src/driver/resolve-flags.ts';
import { writeProgram } from '../../../support/fake-path.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';
import { VBoxManageBench } from '../../../support/vboxmanage-bench.ts';
import { openNetworkBench } from '../../../support/virtualbox-network-bench.ts';

const list = 'list --multiple hostonlyifs dhcpservers runningvms';
const modify = 'dhcpserver modify --netname HostInterfaceNetworking-vboxnet0';

describe('a first machine', () => {
  test('gets an adapter in what VirtualBox allows, a DHCP server that fits and a lease, in four calls', async () => {
    await using bench = await openNetworkBench();
    const data = await bench.create('one');
    expect(data).toMatchObject({
      IPAddress: '192.168.59.100',
      HostOnlyKind: 'adapter',
      HostOnlyName: 'vboxnet0',
      HostOnlyCIDR: '192.168.59.1/24',
      FixedLease: true,
    });
    expect(data.HostOnlyMAC).toMatch(/^080027[\dA-F]{6}$/);
    expect(await bench.takeCalls()).toEqual([
      list,
      'hostonlyif create',
      'hostonlyif ipconfig vboxnet0 --ip 192.168.59.1 --netmask 255.255.255.0',
      `${modify} --ip 192.168.59.2 --netmask 255.255.255.0 --lowerip 192.168.59.100 --upperip 192.168.59.254 --enable --mac-address ${data.HostOnlyMAC} --fixed-address 192.168.59.100`,
    ]);
  });

  test('uses the adapter and the DHCP server of a fresh installation as they are', async () => {
    await using bench = await openNetworkBench();
    await bench.standIn.ask('hostonlyif create');
    await bench.standIn.ask('hostonlyif ipconfig vboxnet0 --ip 192.168.56.1 --netmask 255.255.255.0');
    const data = await bench.create('one');
    expect(data).toMatchObject({ IPAddress: '192.168.56.101', HostOnlyCIDR: '192.168.56.1/24' });
    expect(await bench.takeCalls()).toEqual([
      list,
      `${modify} --mac-address ${data.HostOnlyMAC} --fixed-address 192.168.56.101`,
    ]);
  });

  test('gets the range that is asked for, where networks.conf says nothing against it', async () => {
    await using bench = await openNetworkBench({ FAKE_VBOX_VERSION: '6.1.26r145957' });
    const data = await bench.create('one', { 'virtualbox-hostonly-cidr': '192.168.99.1/24' });
    expect(data).toMatchObject({ IPAddress: '192.168.99.100', HostOnlyCIDR: '192.168.99.1/24' });
    expect((await bench.takeCalls()).filter((call) => call === '--version')).toHaveLength(1);
  });

  test('leaves no adapter behind that VirtualBox gives no address', async () => {
    await using bench = await openNetworkBench({ FAKE_VBOX_NETWORKS_CONF: '/dev/null' });
    await expect(bench.create('one')).rejects.toMatchObject({
      code: 'NETWORK_NOT_ALLOWED',
      message: 'Cannot use 192.168.59.1/24 for the host-only network: VirtualBox does not allow it here',
      hint: expect.stringContaining(': * 192.168.59.0/24'),
    });
    expect(await bench.standIn.ask('list hostonlyifs')).toBe('');
  });

  test('fails with the reason where VirtualBox can make no adapter', async () => {
    await using bench = await openNetworkBench({ FAKE_VBOX_KERNEL: 'none' });
    await expect(bench.create('one')).rejects.toThrow(/host-only/);
  });
});

describe('with the VirtualBox of Windows, from WSL', () => {
  test('any range is allowed, and an adapter that is down is left to VirtualBox', async () => {
    await using folder = await makeTempFolder();
    await writeProgram(folder.path, 'VBoxManage.exe', 'exit 1');
    const settings = { PATH: folder.path, WSL_DISTRO_NAME: 'Debian', FAKE_VBOX_VERSION: '6.1.26r145957' };
    await using bench = await openNetworkBench(settings);
    expect(await bench.create('one')).toMatchObject({ IPAddress: '192.168.99.100' });
    await bench.standIn.ask('hostonlyif remove vboxnet0');
    await bench.standIn.ask('hostonlyif create');
    await bench.standIn.ask('hostonlyif create');
    bench.change('one', { HostOnlyCIDR: '192.168.56.1/24', IPAddress: '192.168.56.117' });
    await bench.takeCalls();
    expect(await bench.start('one')).toMatchObject({ address: '192.168.56.117', isAttached: true });
    expect((await bench.takeCalls()).filter((call) => call.startsWith('hostonlyif'))).toEqual([]);
  });
});

describe('more machines', () => {
  test('share the network and have addresses of their own: two calls each, one more while a DHCP server may run', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    await bench.takeCalls();
    expect(await bench.create('two')).toMatchObject({ IPAddress: '192.168.59.101', HostOnlyName: 'vboxnet0' });
    expect(await bench.takeCalls()).toHaveLength(2);
    await bench.standIn.ask('startvm one --type headless');
    expect(await bench.create('three')).toMatchObject({ IPAddress: '192.168.59.102' });
    expect((await bench.takeCalls()).slice(2)).toEqual([
      'dhcpserver restart --network HostInterfaceNetworking-vboxnet0',
    ]);
  });

  test('made at once get one adapter and different addresses', async () => {
    await using bench = await openNetworkBench();
    const names = ['a', 'b', 'c', 'd'];
    const made = await Promise.all(names.map((name) => bench.create(name)));
    expect(made.map(({ IPAddress }) => IPAddress).sort()).toEqual(
      [100, 101, 102, 103].map((fourth) => `192.168.59.${fourth}`),
    );
    expect((await bench.standIn.ask('list hostonlyifs')).match(/^Name:/gm)).toHaveLength(1);
  });

  test('keep away from addresses that the DHCP server has given to others', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    const book = '<Lease mac="08:00:27:00:00:01" state="acked"><Address value="192.168.59.101"/></Lease>';
    await writeFile(join(bench.standIn.path, 'settings', 'HostInterfaceNetworking-vboxnet0-Dhcpd.leases'), book);
    expect(await bench.create('two')).toMatchObject({ IPAddress: '192.168.59.102' });
  });

  test('of another settings folder do not share its adapter', async () => {
    await using bench = await openNetworkBench();
    const shared = join(bench.standIn.path, 'host');
    await using one = await openNetworkBench({ FAKE_VBOX_HOST: shared });
    await using two = await openNetworkBench({ FAKE_VBOX_HOST: shared });
    expect(await one.create('m')).toMatchObject({ HostOnlyName: 'vboxnet0', IPAddress: '192.168.59.100' });
    expect(await two.create('m')).toMatchObject({ HostOnlyName: 'vboxnet1', IPAddress: '192.168.60.100' });
    expect(await one.create('n')).toMatchObject({ HostOnlyName: 'vboxnet0', IPAddress: '192.168.59.101' });
  });

  test('may take an address again that was given back', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    await bench.takeCalls();
    const { HostOnlyMAC } = bench.data('one');
    await releaseLease(bench.machine('one'));
    expect(await bench.takeCalls()).toEqual([`${modify} --mac-address ${HostOnlyMAC} --remove-config`]);
    expect(await bench.standIn.ask('list dhcpservers')).toContain('Individual Configs:   None');
    await releaseLease(bench.machine('one'));
    expect(await bench.takeCalls()).toEqual([]);
  });

  test('are given up quietly where the DHCP server is gone', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    await bench.standIn.ask('dhcpserver remove --netname HostInterfaceNetworking-vboxnet0');
    await releaseLease(bench.machine('one'));
    expect(bench.data('one').FixedLease).toBe(false);
  });
});

describe('checkNetwork()', () => {
  test('makes one call, from which other checks may learn, and spares the next listing', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    await bench.takeCalls();
    const machine = bench.machine('two');
    const check = await checkNetwork(machine);
    expect(check.sections.get('vms')).toContain('"one"');
    expect(check.sections.get('hostinfo')).toContain('Processor');
    const { network } = await prepareNetwork(machine, check);
    expect(network.name).toBe('vboxnet0');
    expect(await bench.takeCalls()).toEqual(['list --multiple hostonlyifs vms hostinfo dhcpservers runningvms']);
  });

  test('lists again where somebody else may have made the network meanwhile', async () => {
    await using bench = await openNetworkBench();
    const machine = bench.machine('two');
    const check = await checkNetwork(machine);
    await bench.create('one');
    expect((await prepareNetwork(machine, check)).network.name).toBe('vboxnet0');
    expect((await bench.standIn.ask('list hostonlyifs')).match(/^Name:/gm)).toHaveLength(1);
  });

  test.each([
    ['virtualbox-hostonly-cidr', '192.168.99.1/24', 'NETWORK_NOT_ALLOWED'],
    ['virtualbox-hostonly-cidr', '192.168.56.0/24', 'NETWORK_INVALID'],
    ['virtualbox-ip', 'here', 'ADDRESS_INVALID'],
    ['virtualbox-ip', '10.1.2.3', 'NETWORK_NOT_FREE'],
    ['virtualbox-ip', '192.168.59.100', 'ADDRESS_TAKEN'],
    ['virtualbox-ip', '192.168.59.2', 'ADDRESS_TAKEN'],
  ])('refuses --%s %s with %s, and changes nothing', async (flag, value, code) => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    const before = await bench.standIn.ask('list --multiple hostonlyifs dhcpservers');
    await expect(checkNetwork(bench.machine('two', { [flag]: value }))).rejects.toMatchObject({ code });
    expect(await bench.standIn.ask('list --multiple hostonlyifs dhcpservers')).toBe(before);
  });

  test('accepts an address that is free, and the machine gets it', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    const typed = { 'virtualbox-ip': '192.168.59.77' };
    await checkNetwork(bench.machine('two', typed));
    expect(await bench.create('two', typed)).toMatchObject({ IPAddress: '192.168.59.77', FixedLease: true });
  });
});

describe('a machine that starts', () => {
  test('needs one call when all is well', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    await bench.takeCalls();
    expect(await bench.start('one')).toMatchObject({ address: '192.168.59.100', isAttached: true });
    expect(await bench.takeCalls()).toEqual([list]);
  });

  test('gets its adapter back under whatever name, with its address', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    await bench.create('two');
    await bench.standIn.ask('hostonlyif remove vboxnet0');
    await bench.standIn.ask('hostonlyif create');
    await bench.standIn.ask('hostonlyif ipconfig vboxnet0 --ip 192.168.56.1 --netmask 255.255.255.0');
    const { network, address, isAttached } = await bench.start('two');
    expect(network).toMatchObject({ name: 'vboxnet1', hostAddress: '192.168.59.1' });
    expect([address, isAttached]).toEqual(['192.168.59.101', false]);
    expect(await bench.start('one')).toMatchObject({ address: '192.168.59.100', network: { name: 'vboxnet1' } });
    expect(bench.data('one').HostOnlyName).toBe('vboxnet1');
  });

  test('finds the leases of its old DHCP server again where the adapter comes back under its name', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    await bench.standIn.ask('hostonlyif remove vboxnet0');
    await bench.takeCalls();
    expect(await bench.start('one')).toMatchObject({ address: '192.168.59.100', isAttached: true });
    expect(await bench.takeCalls()).toEqual([
      ...[list, list, 'hostonlyif create'],
      'hostonlyif ipconfig vboxnet0 --ip 192.168.59.1 --netmask 255.255.255.0',
    ]);
  });

  test('gets its lease back, and the DHCP server on', async () => {
    await using bench = await openNetworkBench();
    const { HostOnlyMAC } = await bench.create('one');
    // As docker-machine does when it starts a machine of its own.
    await bench.standIn.ask('dhcpserver remove --netname HostInterfaceNetworking-vboxnet0');
    await bench.takeCalls();
    expect(await bench.start('one')).toMatchObject({ address: '192.168.59.100' });
    expect((await bench.takeCalls()).at(-1)).toMatch(
      new RegExp(`^dhcpserver add .* --enable --mac-address ${HostOnlyMAC} --fixed-address 192.168.59.100$`),
    );
    await bench.standIn.ask(`${modify} --disable`);
    await bench.start('one');
    expect(await bench.standIn.ask('list dhcpservers')).toContain('Enabled:        Yes');
  });

  test('follows a lease that somebody gave it by hand', async () => {
    await using bench = await openNetworkBench();
    const { HostOnlyMAC } = await bench.create('one');
    await bench.standIn.ask(`${modify} --mac-address ${HostOnlyMAC} --fixed-address 192.168.59.200`);
    expect(await bench.start('one')).toMatchObject({ address: '192.168.59.200' });
    await bench.standIn.ask(`${modify} --vm one --nic 2 --fixed-address 192.168.59.201`);
    expect(await bench.start('one')).toMatchObject({ address: '192.168.59.201' });
    expect(bench.data('one').IPAddress).toBe('192.168.59.201');
    const listing = await bench.standIn.ask('list dhcpservers');
    expect(listing.match(/Fixed Address: .*/g)).toEqual(['Fixed Address:    192.168.59.201']);
  });

  test('all of them at once make one adapter', async () => {
    await using bench = await openNetworkBench();
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) await bench.create(name);
    const addresses = names.map((name) => bench.data(name).IPAddress);
    await bench.standIn.ask('hostonlyif remove vboxnet0');
    await bench.standIn.ask('dhcpserver remove --netname HostInterfaceNetworking-vboxnet0');
    const started = await Promise.all([...names].reverse().map((name) => bench.start(name)));
    expect(started.map(({ address }) => address).reverse()).toEqual(addresses);
    expect((await bench.standIn.ask('list hostonlyifs')).match(/^Name:/gm)).toHaveLength(1);
    expect((await bench.standIn.ask('list dhcpservers')).match(/Fixed Address:/g)).toHaveLength(5);
  });

  test("of docker-machine's gets a lease of the address it had", async () => {
    await using bench = await openNetworkBench({ FAKE_VBOX_VERSION: '6.1.26r145957' });
    const cidr = { 'virtualbox-hostonly-cidr': '192.168.99.1/24' };
    const { HostOnlyMAC } = await bench.create('old', cidr);
    await releaseLease(bench.machine('old'));
    const unknown = { HostOnlyKind: '', HostOnlyName: '', FixedLease: false } as const;
    bench.change('old', { ...unknown, HostOnlyMAC, IPAddress: '192.168.99.117' });
    expect(await bench.start('old')).toMatchObject({ address: '192.168.99.117', isAttached: true });
    expect(bench.data('old')).toMatchObject({ FixedLease: true, HostOnlyName: 'vboxnet0' });
  });

  test('says which line is missing where its range is no longer allowed', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    bench.change('one', { HostOnlyCIDR: '192.168.99.1/24', IPAddress: '192.168.99.100' });
    await expect(bench.start('one')).rejects.toMatchObject({
      code: 'NETWORK_NOT_ALLOWED',
      hint: expect.stringContaining(': * 192.168.99.0/24'),
    });
  });
});

describe('where no lease can keep an address', () => {
  test('VirtualBox 5.2: the guest is told its own, outside what the DHCP server gives out', async () => {
    await using bench = await openNetworkBench({ FAKE_VBOX_VERSION: '5.2.44r139111' });
    const data = await bench.create('one');
    expect(data).toMatchObject({ IPAddress: '192.168.99.3', HostOnlyCIDR: '192.168.99.1/24', FixedLease: false });
    expect(guestCards(bench.machine('one'))).toEqual([
      { macAddress: data.HostOnlyMAC, address: '192.168.99.3', prefix: 24 },
    ]);
    expect(await bench.create('two')).toMatchObject({ IPAddress: '192.168.99.4' });
    expect(await bench.start('one')).toMatchObject({ address: '192.168.99.3', isAttached: true });
    await bench.takeCalls();
    await releaseLease(bench.machine('one'));
    expect(await bench.takeCalls()).toEqual([]);
  });

  test('--virtualbox-hostonly-no-dhcp: no DHCP server is touched', async () => {
    await using bench = await openNetworkBench();
    const before = await bench.standIn.ask('list dhcpservers');
    const data = await bench.create('one', { 'virtualbox-hostonly-no-dhcp': true });
    expect(data).toMatchObject({ IPAddress: '192.168.59.3', FixedLease: false });
    expect(guestCards(bench.machine('one'))).toHaveLength(1);
    await bench.start('one');
    expect(await bench.standIn.ask('list dhcpservers')).toBe(before);
  });

  test('a fixed lease needs no word to the guest', async () => {
    await using bench = await openNetworkBench();
    await bench.create('one');
    expect(guestCards(bench.machine('one'))).toEqual([]);
  });

  test('VirtualBox 7 on macOS: a network of its own kind, and addresses above what macOS gives out', async () => {
    await using bench = await openNetworkBench({ FAKE_VBOX_PLATFORM: 'darwin' }, 'darwin');
    const data = await bench.create('one');
    expect(data).toMatchObject({
      HostOnlyKind: 'network',
      HostOnlyName: 'tmachine-192.168.99.0',
      HostOnlyCIDR: '192.168.99.1/24',
      IPAddress: '192.168.99.100',
      FixedLease: false,
    });
    expect(await bench.takeCalls()).toEqual([
      'list --multiple hostonlynets dhcpservers runningvms',
      'hostonlynet add --name tmachine-192.168.99.0 --netmask 255.255.255.0 --lower-ip 192.168.99.1 --upper-ip 192.168.99.99 --enable',
    ]);
    expect(await bench.create('two')).toMatchObject({ IPAddress: '192.168.99.101' });
    await bench.standIn.ask('hostonlynet modify --name tmachine-192.168.99.0 --disable');
    expect(await bench.start('one')).toMatchObject({ address: '192.168.99.100', isAttached: true });
    expect(await bench.standIn.ask('list hostonlynets')).toContain('State:           Enabled');
  });

  test('VirtualBox 7 on macOS: a machine with an adapter is given a network of the same range', async () => {
    await using bench = await openNetworkBench({ FAKE_VBOX_PLATFORM: 'darwin' }, 'darwin');
    await bench.create('one');
    await bench.standIn.ask('modifyvm one --nic2 hostonly --hostonlyadapter2 vboxnet0');
    const { network, isAttached } = await bench.start('one');
    expect([network.kind, network.name, isAttached]).toEqual(['network', 'tmachine-192.168.99.0', false]);
  });

  test('macOS before VirtualBox 7: adapters', async () => {
    await using bench = await openNetworkBench({ FAKE_VBOX_VERSION: '6.1.50r161033' }, 'darwin');
    expect(await bench.create('one')).toMatchObject({ HostOnlyKind: 'adapter', HostOnlyName: 'vboxnet0' });
    expect((await bench.takeCalls()).slice(0, 2)).toEqual([
      'list --multiple hostonlynets dhcpservers runningvms',
      list,
    ]);
  });
});

test('a listing that lacks a part is an error, not a computer without networks', async () => {
  await using bench = await VBoxManageBench.make();
  await bench.program("echo '[hostonlyifs]'");
  const place = { name: 'm1', storePath: bench.root, sshKeyPath: '' };
  const data = configureVirtualBox(resolveFlags(virtualBoxFlags, {}, {}), place);
  const machine = openMachine({ name: 'm1', data }, bench.host());
  await expect(checkNetwork(machine)).rejects.toMatchObject({
    code: 'VBOXMANAGE_BROKEN',
    message: "Cannot read VirtualBox's answer: it does not list vms, hostinfo, dhcpservers, runningvms",
  });
});
