import type { InterfaceAddress } from 'tmachine/driver';
import { describe, expect, test } from 'vitest';
import { formatCidr, parseCidr, parseIpv4 } from '../../../../drivers/virtualbox/cidr.ts';
import type { NetworkFacts } from '../../../../drivers/virtualbox/host-only-network.ts';
import { parseNetworksConf } from '../../../../drivers/virtualbox/networks-conf.ts';
import type { DhcpServer, HostOnlyAdapter, HostOnlyNet } from '../../../../drivers/virtualbox/parse-host-only.ts';
import { type NetworkWish, planNetwork } from '../../../../drivers/virtualbox/plan-network.ts';

const cidr = (text: string) => parseCidr(text) ?? { address: -1, prefix: -1 };
const number = (text: string) => parseIpv4(text) ?? -1;

function adapter(name: string, text: string, more: Partial<HostOnlyAdapter> = {}): HostOnlyAdapter {
  const { address, prefix } = cidr(text);
  const networkName = `HostInterfaceNetworking-${name}`;
  return { name, networkName, address, prefix, macAddress: '0a:00:27:00:00:00', isUp: true, ...more };
}

function server(name: string, address: string, more: Partial<DhcpServer> = {}): DhcpServer {
  const base = number(address) & 0xffff_ff00;
  return {
    networkName: `HostInterfaceNetworking-${name}`,
    address: number(address),
    lower: (base >>> 0) + 100,
    upper: (base >>> 0) + 254,
    prefix: 24,
    isEnabled: true,
    leases: [],
    knowsLeases: true,
    ...more,
  };
}

function net(name: string, [lower, upper]: readonly [string, string], isEnabled = true): HostOnlyNet {
  return { name, networkName: `hostonly-${name}`, isEnabled, prefix: 24, lower: number(lower), upper: number(upper) };
}

interface Situation {
  readonly adapters?: readonly HostOnlyAdapter[];
  readonly nets?: readonly HostOnlyNet[];
  readonly servers?: readonly DhcpServer[];
  readonly interfaces?: readonly InterfaceAddress[];
  /** Missing: any range is allowed. */
  readonly conf?: string;
  readonly hasConf?: boolean;
  readonly used?: readonly string[];
  readonly isOnlySettings?: boolean;
}

function facts(situation: Situation): NetworkFacts {
  const { adapters = [], nets, servers = [], interfaces = [], conf, used = [] } = situation;
  const isEnforced = situation.hasConf === true || conf !== undefined;
  return {
    listing: { adapters, nets, servers, hasRunningVms: false },
    interfaces,
    conf: isEnforced ? parseNetworksConf(conf) : undefined,
    usedCidrs: used.map(cidr),
    isOnlySettings: situation.isOnlySettings ?? true,
  };
}

const lan = (address: string, name = 'eth0'): InterfaceAddress => ({
  name,
  macAddress: '52:54:00:12:34:56',
  address,
  netmask: '255.255.255.0',
});

/** The plan as one line: `use NAME CIDR`, `configure NAME CIDR` or `create KIND CIDR`. */
function plan(wish: NetworkWish, situation: Situation): string {
  const planned = planNetwork(wish, facts(situation));
  if (planned.action === 'create') return `create ${planned.kind} ${formatCidr(planned.cidr)}`;
  return `${planned.action} ${planned.network.name} ${formatCidr(planned.network.cidr)}`;
}

const usual = '192.168.99.1/24';
const freshServer = server('vboxnet0', '192.168.56.100');

describe('planNetwork() without a wish', () => {
  test("uses docker-machine's adapter", () => {
    const adapters = [adapter('vboxnet0', '192.168.56.1/24'), adapter('vboxnet1', usual)];
    expect(plan({}, { adapters, servers: [freshServer], hasConf: true })).toBe(`use vboxnet1 ${usual}`);
  });

  test('makes 192.168.99.1/24 where that is allowed, although there is another adapter', () => {
    const adapters = [adapter('vboxnet0', '192.168.56.1/24')];
    expect(plan({}, { adapters, servers: [freshServer] })).toBe(`create adapter ${usual}`);
    expect(plan({}, { conf: '* 192.168.0.0/16\n' })).toBe(`create adapter ${usual}`);
  });

  test('uses the adapter of a fresh installation where 192.168.99.1/24 is not allowed', () => {
    const adapters = [adapter('vboxnet0', '192.168.56.1/24')];
    expect(plan({}, { adapters, servers: [freshServer], hasConf: true })).toBe('use vboxnet0 192.168.56.1/24');
  });

  test('makes one in what VirtualBox allows, away from the range that other programs take first', () => {
    expect(plan({}, { hasConf: true, servers: [freshServer] })).toBe('create adapter 192.168.59.1/24');
    expect(plan({}, { conf: '* 172.30.0.0/16' })).toBe('create adapter 172.30.0.1/24');
    expect(plan({}, { conf: '* 10.7.3.0/26' })).toBe('create adapter 10.7.3.1/26');
    expect(plan({}, { conf: '* 0.0.0.0/0', interfaces: [lan('192.168.99.17'), lan('192.168.56.3'), ...sixLans] })).toBe(
      'create adapter 10.0.0.1/24',
    );
  });

  const sixLans = [57, 58, 59, 60, 61, 62, 63].map((octet) => lan(`192.168.${octet}.9`, `eth${octet}`));

  test('leaves alone what an interface of this computer has', () => {
    expect(plan({}, { interfaces: [lan('192.168.99.20')] })).toBe('create adapter 192.168.59.1/24');
    const adapters = [adapter('vboxnet0', usual)];
    expect(plan({}, { adapters, interfaces: [lan('192.168.99.20')] })).toBe('create adapter 192.168.59.1/24');
  });

  test("does not take an adapter's own interface for a collision: by name, by MAC address, by address", () => {
    const adapters = [adapter('vboxnet0', usual)];
    for (const interfaces of [
      [{ ...lan('192.168.99.1', 'vboxnet0') }],
      [{ ...lan('192.168.99.1', 'VirtualBox Host-Only Network'), macAddress: '0A:00:27:00:00:00' }],
      [{ ...lan('192.168.99.1', 'Ethernet 3'), macAddress: '00:00:00:00:00:00' }],
    ])
      expect(plan({}, { adapters, interfaces })).toBe(`use vboxnet0 ${usual}`);
  });

  test('keeps the machines of a store together, also when their adapter is gone', () => {
    const used = ['192.168.61.1/24'];
    const adapters = [adapter('vboxnet0', '192.168.56.1/24'), adapter('vboxnet4', '192.168.61.1/24')];
    expect(plan({}, { adapters, servers: [freshServer], used })).toBe('use vboxnet4 192.168.61.1/24');
    expect(plan({}, { adapters: adapters.slice(0, 1), servers: [freshServer], used, hasConf: true })).toBe(
      'create adapter 192.168.61.1/24',
    );
  });

  test("does not take another settings folder's adapter, unless there is no other way", () => {
    const adapters = [adapter('vboxnet0', '192.168.59.1/24')];
    const situation = { adapters, servers: [freshServer], hasConf: true, isOnlySettings: false };
    expect(plan({}, situation)).toBe('create adapter 192.168.60.1/24');
    expect(plan({}, { ...situation, servers: [server('vboxnet0', '192.168.59.2')] })).toBe(
      'use vboxnet0 192.168.59.1/24',
    );
    const theirs = [adapter('vboxnet0', usual)];
    expect(plan({}, { adapters: theirs, isOnlySettings: false })).toBe('create adapter 192.168.59.1/24');
    expect(plan({}, { adapters: theirs, isOnlySettings: true })).toBe(`use vboxnet0 ${usual}`);
    const only = [adapter('vboxnet0', '10.7.3.1/26')];
    expect(plan({}, { adapters: only, conf: '* 10.7.3.0/26', isOnlySettings: false })).toBe('use vboxnet0 10.7.3.1/26');
  });

  test('passes over adapters of one address, of no address, and too small ones', () => {
    const adapters = [
      adapter('vboxnet0', '192.168.56.1/24'),
      adapter('vboxnet1', '192.168.56.1/24'),
      adapter('vboxnet2', '192.168.60.1/30'),
      { ...adapter('vboxnet3', '192.168.61.1/24'), address: undefined },
    ];
    const servers = [
      freshServer,
      server('vboxnet1', '192.168.56.100'),
      server('vboxnet2', '192.168.60.2', { prefix: 30 }),
    ];
    expect(plan({}, { adapters, servers, hasConf: true })).toBe('create adapter 192.168.59.1/24');
  });

  test('brings an adapter up that is down', () => {
    const adapters = [adapter('vboxnet0', usual, { isUp: false })];
    expect(plan({}, { adapters })).toBe(`configure vboxnet0 ${usual}`);
  });

  test('finds the network of an address that is asked for', () => {
    const wish = { address: number('192.168.60.9') };
    expect(plan(wish, { hasConf: true })).toBe('create adapter 192.168.60.1/24');
    expect(plan({ address: number('192.168.99.9') }, {})).toBe(`create adapter ${usual}`);
    expect(plan({ address: number('10.1.2.3') }, {})).toBe('create adapter 10.1.2.1/24');
    const adapters = [adapter('vboxnet0', '192.168.56.1/21')];
    expect(plan(wish, { adapters, servers: [server('vboxnet0', '192.168.56.2', { prefix: 21 })] })).toBe(
      'use vboxnet0 192.168.56.1/21',
    );
  });

  test('says so where nothing is left', () => {
    const interfaces = [{ ...lan('10.7.3.9'), netmask: '255.0.0.0' }];
    expect(() => plan({}, { conf: '* 10.7.3.0/26', interfaces })).toThrow(
      expect.objectContaining({
        code: 'NETWORK_NOT_FREE',
        message: 'Cannot find a free range of 10.7.3.0/26 for the host-only network',
      }),
    );
  });
});

describe('planNetwork() with a CIDR', () => {
  const wish = { cidr: cidr(usual) };

  test('uses the adapter that has this address, allowed or not', () => {
    expect(plan(wish, { adapters: [adapter('vboxnet3', usual)], hasConf: true })).toBe(`use vboxnet3 ${usual}`);
  });

  test('takes a mask that Windows misreports for the usual one', () => {
    expect(plan(wish, { adapters: [adapter('vboxnet3', usual, { prefix: undefined })] })).toBe(`use vboxnet3 ${usual}`);
  });

  test('makes one where it is allowed', () => {
    expect(plan(wish, { conf: '# ours\n* 192.168.99.0/24\n' })).toBe(`create adapter ${usual}`);
    expect(plan(wish, {})).toBe(`create adapter ${usual}`);
  });

  test('refuses what is not allowed, with the exact line for networks.conf', () => {
    expect(() => plan(wish, { hasConf: true })).toThrow(
      expect.objectContaining({
        code: 'NETWORK_NOT_ALLOWED',
        message: 'Cannot use 192.168.99.1/24 for the host-only network: VirtualBox allows 192.168.56.0/21 here',
        hint: 'add this line to /etc/vbox/networks.conf (make the file where there is none): * 192.168.99.0/24',
      }),
    );
    expect(() => plan(wish, { conf: '' })).toThrow('VirtualBox allows none here');
  });

  test('leaves the judgement about loopback addresses to VirtualBox', () => {
    expect(plan({ cidr: cidr('127.0.98.1/24') }, { hasConf: true })).toBe('create adapter 127.0.98.1/24');
  });

  test('refuses what an interface or another adapter has', () => {
    expect(() => plan(wish, { interfaces: [lan('192.168.99.20')] })).toThrow(
      expect.objectContaining({
        code: 'NETWORK_COLLISION',
        message: 'Cannot use 192.168.99.1/24 for the host-only network: interface eth0 has 192.168.99.20/24',
      }),
    );
    expect(() => plan(wish, { adapters: [adapter('vboxnet0', '192.168.99.5/24')] })).toThrow(
      'host-only adapter vboxnet0 has 192.168.99.5/24',
    );
    expect(() => plan(wish, { adapters: [adapter('vboxnet0', usual)], interfaces: [lan('192.168.99.20')] })).toThrow(
      'interface eth0 has 192.168.99.20/24',
    );
  });

  test('refuses several adapters of this address, and tells how to be rid of them', () => {
    const adapters = [adapter('vboxnet0', usual), adapter('vboxnet1', usual)];
    expect(() => plan(wish, { adapters })).toThrow(
      expect.objectContaining({
        code: 'NETWORK_AMBIGUOUS',
        message: 'Cannot choose a host-only adapter: vboxnet0 and vboxnet1 have the same address 192.168.99.1',
        hint: 'remove all but one: VBoxManage hostonlyif remove vboxnet1',
      }),
    );
  });
});

describe('planNetwork() for a machine that exists', () => {
  const wish = { cidr: cidr(usual), name: 'vboxnet0' };

  test('finds its adapter again under another name', () => {
    const adapters = [adapter('vboxnet0', '192.168.56.1/24'), adapter('vboxnet1', usual)];
    expect(plan(wish, { adapters })).toBe(`use vboxnet1 ${usual}`);
  });

  test('gives the adapter its address back', () => {
    const adapters = [{ ...adapter('vboxnet0', usual), address: undefined }];
    expect(plan(wish, { adapters })).toBe(`configure vboxnet0 ${usual}`);
  });

  test('makes the adapter anew', () => {
    expect(plan(wish, {})).toBe(`create adapter ${usual}`);
    // The name belongs to another network by now.
    expect(plan(wish, { adapters: [adapter('vboxnet0', '192.168.56.1/24')] })).toBe(`create adapter ${usual}`);
  });

  test('stays with its own of several adapters of one address, and in spite of a collision', () => {
    const adapters = [adapter('vboxnet1', usual), adapter('vboxnet0', usual)];
    expect(plan(wish, { adapters, interfaces: [lan('192.168.99.20')] })).toBe(`use vboxnet0 ${usual}`);
  });
});

describe('planNetwork() on macOS with VirtualBox 7', () => {
  const hostNetwork = net('HostNetwork', ['192.168.56.1', '192.168.56.199']);

  test('makes 192.168.99.1/24, whatever networks.conf says of adapters', () => {
    expect(plan({}, { nets: [hostNetwork], hasConf: true })).toBe(`create network ${usual}`);
    expect(plan({ cidr: cidr(usual) }, { nets: [], hasConf: true })).toBe(`create network ${usual}`);
  });

  test('uses the network that has the range, and turns it on', () => {
    const nets = [hostNetwork, net('tmachine', ['192.168.99.1', '192.168.99.99'])];
    expect(plan({}, { nets })).toBe(`use tmachine ${usual}`);
    expect(plan({ cidr: cidr('192.168.56.7/24') }, { nets })).toBe('use HostNetwork 192.168.56.1/24');
    expect(plan({}, { nets: [net('mine', ['192.168.99.1', '192.168.99.99'], false)] })).toBe(`configure mine ${usual}`);
  });

  test('moves a machine whose adapter can no longer be', () => {
    const wish = { cidr: cidr(usual), name: 'vboxnet0' };
    expect(plan(wish, { nets: [hostNetwork] })).toBe(`create network ${usual}`);
  });

  test("does not take a network's own interface for a collision", () => {
    const nets = [net('tmachine', ['192.168.99.1', '192.168.99.99'])];
    expect(plan({ cidr: cidr(usual) }, { nets, interfaces: [lan('192.168.99.1', 'bridge100')] })).toBe(
      `use tmachine ${usual}`,
    );
    expect(plan({}, { nets: [], interfaces: [lan('192.168.99.14', 'en0')] })).toBe('create network 192.168.59.1/24');
  });
});
