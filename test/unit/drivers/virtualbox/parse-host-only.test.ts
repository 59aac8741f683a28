import { expect, test } from 'vitest';
import { formatIpv4 } from '../../../../drivers/virtualbox/cidr.ts';
import { parseNetworkListing } from '../../../../drivers/virtualbox/network-listing.ts';
import {
  parseDhcpServers,
  parseHostOnlyAdapters,
  parseHostOnlyNets,
  parseSections,
  servesNetwork,
} from '../../../../drivers/virtualbox/parse-host-only.ts';
import { recordingOf } from '../../../support/virtualbox-recordings.ts';

const recorded = (number: number) => recordingOf(number).stdout;

test('parseHostOnlyAdapters() reads an adapter that was just made, and one with an address', () => {
  const [made] = parseHostOnlyAdapters(recorded(203));
  expect(made).toEqual({
    name: 'vboxnet0',
    networkName: 'HostInterfaceNetworking-vboxnet0',
    address: 0xc0a8_3801,
    prefix: 24,
    macAddress: '0a:00:27:00:00:00',
    isUp: false,
  });
  const [configured] = parseHostOnlyAdapters(recorded(205));
  expect(configured).toMatchObject({ address: 0xc0a8_6301, prefix: 24, isUp: true });
});

test('parseHostOnlyAdapters() reads no adapters', () => {
  for (const number of [3, 121, 201, 218]) expect(parseHostOnlyAdapters(recorded(number))).toEqual([]);
});

test('parseHostOnlyAdapters() reads Windows: long names, CRLF, a mask that is none, an address the adapter gave itself', () => {
  const windows = (number: string, address: string, mask: string) =>
    [
      `Name:            VirtualBox Host-Only Ethernet Adapter${number}`,
      'GUID:            5a1f2c0e-6b9e-4a55-8f64-3b2d40c6b6a1',
      'DHCP:            Disabled',
      `IPAddress:       ${address}`,
      `NetworkMask:     ${mask}`,
      'IPV6Address:     fe80:0000:0000:0000:a4b0:0f2a:0c1d:2e3f',
      'IPV6NetworkMaskPrefixLength: 64',
      'HardwareAddress: 0a:00:27:00:00:11',
      'MediumType:      Ethernet',
      'Status:          Up',
      `VBoxNetworkName: HostInterfaceNetworking-VirtualBox Host-Only Ethernet Adapter${number}`,
      '',
      '',
    ].join('\r\n');
  const text = windows('', '192.168.99.1', '15.0.0.0') + windows(' #2', '169.254.7.9', '255.255.0.0');
  expect(parseHostOnlyAdapters(text)).toEqual([
    {
      name: 'VirtualBox Host-Only Ethernet Adapter',
      networkName: 'HostInterfaceNetworking-VirtualBox Host-Only Ethernet Adapter',
      address: 0xc0a8_6301,
      prefix: undefined,
      macAddress: '0a:00:27:00:00:11',
      isUp: true,
    },
    {
      name: 'VirtualBox Host-Only Ethernet Adapter #2',
      networkName: 'HostInterfaceNetworking-VirtualBox Host-Only Ethernet Adapter #2',
      address: undefined,
      prefix: 16,
      macAddress: '0a:00:27:00:00:11',
      isUp: true,
    },
  ]);
});

test('parseHostOnlyAdapters() reads an adapter that lost its address', () => {
  const text = recorded(205).replace('192.168.99.1', '0.0.0.0').replace('255.255.255.0', '0.0.0.0');
  expect(parseHostOnlyAdapters(text)).toMatchObject([{ name: 'vboxnet0', address: undefined, prefix: undefined }]);
});

/** As the sources of 7.0 print it: an empty line after the GUID. */
const hostOnlyNets = `Name:            HostNetwork
GUID:            d3b2f1a0-1111-2222-3333-444455556666

State:           Enabled
NetworkMask:     255.255.255.0
LowerIP:         192.168.56.1
UpperIP:         192.168.56.199
VBoxNetworkName: hostonly-HostNetwork

Name:            my net
GUID:            d3b2f1a0-1111-2222-3333-777788889999

State:           Disabled
NetworkMask:     255.255.0.0
LowerIP:         10.9.0.2
UpperIP:         10.9.0.9
VBoxNetworkName: hostonly-my net

`;

test('parseHostOnlyNets() reads the networks of macOS', () => {
  expect(parseHostOnlyNets(hostOnlyNets)).toEqual([
    {
      name: 'HostNetwork',
      networkName: 'hostonly-HostNetwork',
      isEnabled: true,
      prefix: 24,
      lower: 0xc0a8_3801,
      upper: 0xc0a8_38c7,
    },
    {
      name: 'my net',
      networkName: 'hostonly-my net',
      isEnabled: false,
      prefix: 16,
      lower: 0x0a09_0002,
      upper: 0x0a09_0009,
    },
  ]);
});

test('parseDhcpServers() reads the server a fresh installation has, and several', () => {
  expect(parseDhcpServers(recorded(5))).toEqual([
    {
      networkName: 'HostInterfaceNetworking-vboxnet0',
      address: 0xc0a8_3864,
      lower: 0xc0a8_3865,
      upper: 0xc0a8_38fe,
      prefix: 24,
      isEnabled: true,
      leases: [],
      knowsLeases: true,
    },
  ]);
  const servers = parseDhcpServers(recorded(211));
  expect(servers.map(({ networkName, address, prefix }) => [networkName, formatIpv4(address), prefix])).toEqual([
    // Made for an adapter that is not there.
    ['HostInterfaceNetworking-vboxnet7', '0.0.0.0', undefined],
    ['HostInterfaceNetworking-vboxnet0', '192.168.99.8', 24],
  ]);
});

test('parseDhcpServers() reads versions before 6.1, which know no fixed leases', () => {
  const text = [
    'NetworkName:    HostInterfaceNetworking-vboxnet0',
    'IP:             192.168.99.6',
    'NetworkMask:    255.255.255.0',
    'lowerIPAddress: 192.168.99.100',
    'upperIPAddress: 192.168.99.254',
    'Enabled:        No',
    '',
    '',
  ].join('\n');
  expect(parseDhcpServers(text)).toEqual([
    {
      networkName: 'HostInterfaceNetworking-vboxnet0',
      address: 0xc0a8_6306,
      lower: 0xc0a8_6364,
      upper: 0xc0a8_63fe,
      prefix: 24,
      isEnabled: false,
      leases: [],
      knowsLeases: false,
    },
  ]);
});

/** What 7.2.22 printed after leases by MAC address and by VM were made, and one of the VMs was removed. */
const withLeases = `NetworkName:    HostInterfaceNetworking-vboxnet0
Dhcpd IP:       192.168.99.2
LowerIPAddress: 192.168.99.100
UpperIPAddress: 192.168.99.254
NetworkMask:    255.255.255.0
Enabled:        Yes
Global Configuration:
    minLeaseTime:     default
    defaultLeaseTime: default
    maxLeaseTime:     default
    Forced options:   None
    Suppressed opts.: None
        1/legacy: 255.255.255.0
Groups:               None
Individual Config:    MAC 08:00:27:0a:0b:0c
    Fixed Address:    192.168.99.103
    minLeaseTime:     default
    defaultLeaseTime: default
    maxLeaseTime:     default
    Forced options:   None
    Suppressed opts.: None
    DHCP options:     None
Individual Config:    MAC 08:00:27:0a:0b:0e
    Fixed Address:    dynamic
    minLeaseTime:     3600 sec
    defaultLeaseTime: default
Individual Config:    VM NIC: 2d7a315a-13de-4ce2-a247-25da9a7534a4 slot 1, MAC 08:00:27:0a:0b:0d
    Fixed Address:    192.168.99.104
    minLeaseTime:     default
Individual Config:    VM NIC: 9d7a315a-13de-4ce2-a247-25da9a7534a4 slot 0, MAC VBOX_E_OBJECT_NOT_FOUND
    Fixed Address:    192.168.99.102
    DHCP options:     None

NetworkName:    HostInterfaceNetworking-vboxnet9
Dhcpd IP:       192.168.98.3
LowerIPAddress: 192.168.98.100
UpperIPAddress: 192.168.98.254
NetworkMask:    255.255.255.0
Enabled:        Yes
Global Configuration:
    minLeaseTime:     default
Groups:               None
Individual Config:    MAC 08:00:27:aa:aa:aa
    Fixed Address:    192.168.98.120
`;

test('parseDhcpServers() reads fixed leases: by MAC address, by VM, and of a VM that is gone', () => {
  const [first, second] = parseDhcpServers(withLeases);
  expect(first?.leases).toEqual([
    { macAddress: '0800270A0B0C', vm: undefined, address: 0xc0a8_6367 },
    {
      macAddress: '0800270A0B0D',
      vm: { identity: '2d7a315a-13de-4ce2-a247-25da9a7534a4', nic: 2 },
      address: 0xc0a8_6368,
    },
    {
      macAddress: undefined,
      vm: { identity: '9d7a315a-13de-4ce2-a247-25da9a7534a4', nic: 1 },
      address: 0xc0a8_6366,
    },
  ]);
  expect(second?.leases).toEqual([{ macAddress: '080027AAAAAA', vm: undefined, address: 0xc0a8_6278 }]);
  expect(first?.knowsLeases).toBe(true);
});

test('servesNetwork() compares the network and its size', () => {
  const [server] = parseDhcpServers(recorded(5));
  expect(servesNetwork(server, { address: 0xc0a8_3801, prefix: 24 })).toBe(true);
  expect(servesNetwork(server, { address: 0xc0a8_3801, prefix: 25 })).toBe(false);
  expect(servesNetwork(server, { address: 0xc0a8_6301, prefix: 24 })).toBe(false);
  expect(servesNetwork(undefined, { address: 0, prefix: 24 })).toBe(false);
  // Never configured: 0.0.0.0 serves nothing.
  expect(servesNetwork(parseDhcpServers(recorded(134))[0], { address: 1, prefix: 24 })).toBe(false);
});

test('parseHostOnlyAdapters() and its like read answers in another language, as VirtualBox 7 gives them', () => {
  const adapters = recorded(205)
    .replace('Name:  ', 'Имя:  ')
    .replace('DHCP:            Disabled', 'DHCP:            Выключен')
    .replace('IPAddress:', 'IP-адрес:')
    .replace('NetworkMask:', '网络掩码\uff1a')
    .replace('HardwareAddress:', 'Аппаратный адрес:')
    .replace('Wireless:        No', 'Беспроводной:    Нет')
    .replace('Status:          Up', 'Состояние:       Включен')
    .replace('VBoxNetworkName:', 'Имя сети VBox:');
  expect(parseHostOnlyAdapters(adapters)).toEqual(parseHostOnlyAdapters(recorded(205)));
  const servers = withLeases
    .replaceAll('NetworkName:', 'Имя сети:')
    .replaceAll('LowerIPAddress:', 'Начальный адрес:')
    .replaceAll('UpperIPAddress:', 'Конечный адрес:')
    .replaceAll('NetworkMask:', 'Маска сети:')
    .replaceAll('Enabled:        Yes', 'Включен:        Да')
    .replaceAll('Individual Config:    VM NIC: ', 'Отдельная настройка: карта ВМ: ')
    .replaceAll(' slot ', ' слот ')
    .replaceAll('Individual Config: ', 'Отдельная настройка: ')
    .replaceAll('Fixed Address:', 'Постоянный адрес:');
  expect(parseDhcpServers(servers)).toEqual(parseDhcpServers(withLeases));
  const nets = hostOnlyNets
    .replaceAll('Name:   ', '名称\uff1a')
    .replaceAll('State:           Enabled', '状态\uff1a已启用')
    .replaceAll('LowerIP:', '最低 IP\uff1a');
  expect(parseHostOnlyNets(nets)).toEqual(parseHostOnlyNets(hostOnlyNets));
});

test('parseSections() takes the answer of "list --multiple" apart, whatever comes before it', () => {
  const answer = `WARNING: The vboxdrv kernel module is not loaded.\n[hostonlyifs]\n${recorded(205)}\n[dhcpservers]\n${recorded(5)}\n[runningvms]\n"a [b]" {2d7a315a-13de-4ce2-a247-25da9a7534a4}\n`;
  const sections = parseSections(answer);
  expect([...sections.keys()].slice(1)).toEqual(['hostonlyifs', 'dhcpservers', 'runningvms']);
  const listing = parseNetworkListing(sections);
  expect(listing).toMatchObject({ nets: undefined, hasRunningVms: true });
  expect(listing.adapters).toHaveLength(1);
  expect(listing.servers).toHaveLength(1);
});

test('parseNetworkListing() tells of networks of macOS only where they were listed', () => {
  const sections = parseSections(`[hostonlynets]\n${hostOnlyNets}\n[hostonlyifs]\n\n[dhcpservers]\n\n[runningvms]\n`);
  expect(parseNetworkListing(sections)).toMatchObject({
    nets: [{ name: 'HostNetwork' }, { name: 'my net' }],
    adapters: [],
    servers: [],
    hasRunningVms: false,
  });
});
