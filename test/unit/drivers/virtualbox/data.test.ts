import { describe, expect, test } from 'vitest';
import { configureVirtualBox, parseVirtualBoxData, type VirtualBoxData } from '../../../../drivers/virtualbox/data.ts';
import { virtualBoxFlags } from '../../../../drivers/virtualbox/flags.ts';
import { parseShareFolder, planHomeShare } from '../../../../drivers/virtualbox/share-folder.ts';
import { resolveFlags, type TypedFlags } from '../../../../src/driver/resolve-flags.ts';

const place = { name: 'box', storePath: '/store', sshKeyPath: '/store/machines/box/id_rsa' };

function configure(typed: TypedFlags = {}, env: Readonly<Record<string, string>> = {}): VirtualBoxData {
  return configureVirtualBox(resolveFlags(virtualBoxFlags, typed, env), place);
}

/** What docker-machine 0.16 writes under `Driver` for a machine made without options. */
const dockerMachines = {
  IPAddress: '192.168.99.100',
  MachineName: 'box',
  SSHUser: 'docker',
  SSHPort: 50321,
  SSHKeyPath: '/store/machines/box/id_rsa',
  StorePath: '/store',
  SwarmMaster: false,
  SwarmHost: 'tcp://0.0.0.0:3376',
  SwarmDiscovery: '',
  VBoxManager: {},
  HostInterfaces: {},
  CPU: 1,
  Memory: 1024,
  DiskSize: 20000,
  NatNicType: '82540EM',
  Boot2DockerURL: '',
  Boot2DockerImportVM: '',
  HostDNSResolver: false,
  HostOnlyCIDR: '192.168.99.1/24',
  HostOnlyNicType: '82540EM',
  HostOnlyPromiscMode: 'deny',
  UIType: 'headless',
  HostOnlyNoDHCP: false,
  NoShare: false,
  DNSProxy: true,
  NoVTXCheck: false,
  ShareFolder: '',
};

describe('configureVirtualBox()', () => {
  test("writes docker-machine's keys first, in its order", () => {
    expect(Object.keys(configure()).slice(0, Object.keys(dockerMachines).length)).toEqual(Object.keys(dockerMachines));
  });

  test("has docker-machine's defaults, but more memory and no range that VirtualBox may refuse", () => {
    const { IPAddress, SSHPort, SwarmHost, ...defaults } = dockerMachines;
    expect(configure()).toMatchObject({ ...defaults, Memory: 2048, HostOnlyCIDR: '', IPAddress: '', SSHPort: 0 });
    expect([IPAddress, SSHPort, SwarmHost]).toBeDefined();
  });

  test.each([
    ['VIRTUALBOX_MEMORY_SIZE', '4096', { Memory: 4096 }],
    ['VIRTUALBOX_CPU_COUNT', '-1', { CPU: -1 }],
    ['VIRTUALBOX_DISK_SIZE', '5000', { DiskSize: 5000 }],
    ['VIRTUALBOX_BOOT2DOCKER_URL', '/b.iso', { Boot2DockerURL: '/b.iso' }],
    ['VIRTUALBOX_BOOT2DOCKER_IMPORT_VM', 'old', { Boot2DockerImportVM: 'old' }],
    ['VIRTUALBOX_HOST_DNS_RESOLVER', 'true', { HostDNSResolver: true }],
    ['VIRTUALBOX_NAT_NICTYPE', 'virtio', { NatNicType: 'virtio' }],
    ['VIRTUALBOX_HOSTONLY_CIDR', '192.168.60.1/24', { HostOnlyCIDR: '192.168.60.1/24' }],
    ['VIRTUALBOX_HOSTONLY_NIC_TYPE', 'virtio', { HostOnlyNicType: 'virtio' }],
    ['VIRTUALBOX_HOSTONLY_NIC_PROMISC', 'allow-all', { HostOnlyPromiscMode: 'allow-all' }],
    ['VIRTUALBOX_UI_TYPE', 'gui', { UIType: 'gui' }],
    ['VIRTUALBOX_HOSTONLY_NO_DHCP', '1', { HostOnlyNoDHCP: true }],
    ['VIRTUALBOX_NO_SHARE', '1', { NoShare: true }],
    ['VIRTUALBOX_NO_DNS_PROXY', '1', { DNSProxy: false }],
    ['VIRTUALBOX_NO_VTX_CHECK', '1', { NoVTXCheck: true }],
    ['VIRTUALBOX_SHARE_FOLDER', '/a:a,/b:b', { ShareFolder: '/a:a', ShareFolders: ['/a:a', '/b:b'] }],
    ['VIRTUALBOX_IP', '192.168.99.7', { RequestedIP: '192.168.99.7' }],
  ])('reads %s', (variable, value, expected) => {
    expect(configure({}, { [variable]: value })).toMatchObject(expected);
  });

  test.each([
    [{ 'virtualbox-cpu-count': '0' }, 'a machine needs a processor'],
    [{ 'virtualbox-share-folder': ['/a:x', '/b:x'] }, '"x" is given twice'],
    [{ 'virtualbox-share-folder': ['a:x'] }, '"a" is not an absolute path'],
    [{ 'virtualbox-share-folder': ['/a'] }, 'it does not have the form DIR:NAME'],
    [{ 'virtualbox-share-folder': ['/a:two words'] }, '"two words" is not a plain name'],
    [{ 'virtualbox-share-folder': ['/a:etc'] }, `"/etc" is a folder of the guest's own`],
  ])('refuses %j', (typed, reason) => {
    expect(() => configure(typed)).toThrow(reason);
  });
});

describe('parseVirtualBoxData()', () => {
  test("keeps what docker-machine wrote, and fills in what it doesn't know", () => {
    const data = parseVirtualBoxData({ ...dockerMachines, ShareFolder: '/srv:srv' });
    expect(data).toMatchObject({ ...dockerMachines, ShareFolder: '/srv:srv', ShareFolders: ['/srv:srv'] });
    expect(data).toMatchObject({ VMID: '', HostOnlyMAC: '', FixedLease: false, KeepsConsole: false });
  });

  test('reads a record of an older docker-machine, which lacks keys or has null in them', () => {
    const old = { MachineName: 'box', CPU: 1, Memory: 1024, SSHPort: 50321, Boot2DockerURL: null } as never;
    expect(parseVirtualBoxData(old)).toMatchObject({ UIType: 'headless', DNSProxy: true, Boot2DockerURL: '' });
  });
});

describe('parseShareFolder()', () => {
  test.each([
    ['/srv/data:data', { directory: '/srv/data', name: 'data' }],
    ['C:\\Users\\me:c/Users/me', { directory: 'C:\\Users\\me', name: 'c/Users/me' }],
    ['\\\\server\\share:share', { directory: '\\\\server\\share', name: 'share' }],
    ['/a:b:c', { directory: '/a:b', name: 'c' }],
    ['/srv/data:', { directory: '/srv/data', name: 'srv/data' }],
  ])('reads %s', (text, expected) => {
    expect(parseShareFolder(text)).toEqual(expected);
  });
});

test("planHomeShare() is docker-machine's", () => {
  expect(planHomeShare('linux')).toEqual({ directory: '/home', name: 'hosthome' });
  expect(planHomeShare('darwin')).toEqual({ directory: '/Users', name: 'Users' });
  expect(planHomeShare('win32')).toEqual({ directory: '\\\\?\\c:\\Users', name: 'c/Users' });
  expect(planHomeShare('aix')).toBeUndefined();
});
