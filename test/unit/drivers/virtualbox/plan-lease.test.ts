import { describe, expect, test } from 'vitest';
import { formatIpv4, parseCidr, parseIpv4 } from '../../../../drivers/virtualbox/cidr.ts';
import { parseGivenAddresses, planBookPath } from '../../../../drivers/virtualbox/given-addresses.ts';
import type { DhcpServer, FixedLease } from '../../../../drivers/virtualbox/parse-host-only.ts';
import {
  type AddressWish,
  isLeased,
  isServed,
  type LeaseFacts,
  planAddress,
  planDhcpCall,
  planNetPool,
  planRelease,
} from '../../../../drivers/virtualbox/plan-lease.ts';
import { planWish } from '../../../../drivers/virtualbox/plan-wish.ts';

const cidr = (text: string) => parseCidr(text) ?? { address: -1, prefix: -1 };
const number = (text: string) => parseIpv4(text) ?? -1;
const networkName = 'HostInterfaceNetworking-vboxnet0';
const [ours, theirs] = ['0800270A0B0C', '080027FFFFFF'];

const usualServer: DhcpServer = {
  networkName,
  address: number('192.168.99.2'),
  lower: number('192.168.99.100'),
  upper: number('192.168.99.254'),
  prefix: 24,
  isEnabled: true,
  leases: [],
  knowsLeases: true,
};

const lease = (macAddress: string | undefined, address: string, nic?: number): FixedLease => ({
  macAddress,
  vm: nic === undefined ? undefined : { identity: 'U', nic },
  address: number(address),
});

function facts(more: Partial<LeaseFacts> = {}): LeaseFacts {
  return {
    networkName,
    cidr: cidr('192.168.99.1/24'),
    server: usualServer,
    macAddress: ours,
    others: [],
    given: [],
    ...more,
  };
}

const withLeases = (...leases: readonly FixedLease[]): Partial<LeaseFacts> => ({ server: { ...usualServer, leases } });

function choose(wish: Partial<AddressWish> = {}, more: Partial<LeaseFacts> = {}): string {
  return formatIpv4(planAddress({ isStatic: false, ...wish }, facts(more)));
}

describe('planAddress()', () => {
  test('takes the lowest address that the DHCP server would give out', () => {
    expect(choose()).toBe('192.168.99.100');
    expect(choose({}, { server: undefined })).toBe('192.168.99.100');
  });

  test('keeps away from other machines, fixed leases and what was given out', () => {
    const others = [number('192.168.99.100')];
    const given = [
      { macAddress: theirs, address: number('192.168.99.102') },
      { macAddress: ours, address: number('192.168.99.103') },
    ];
    expect(choose({}, { others, given, ...withLeases(lease(theirs, '192.168.99.101')) })).toBe('192.168.99.103');
  });

  test('keeps what the machine had, for life', () => {
    expect(choose({ recorded: number('192.168.99.142') })).toBe('192.168.99.142');
    expect(choose({ recorded: number('192.168.99.9') })).toBe('192.168.99.9');
    const given = [{ macAddress: theirs, address: number('192.168.99.142') }];
    expect(choose({ recorded: number('192.168.99.142') }, { given })).toBe('192.168.99.142');
  });

  test('gives another where somebody else has got it, or the network changed', () => {
    const recorded = number('192.168.99.142');
    expect(choose({ recorded }, withLeases(lease(theirs, '192.168.99.142')))).toBe('192.168.99.100');
    expect(choose({ recorded }, { others: [recorded] })).toBe('192.168.99.100');
    expect(choose({ recorded }, { cidr: cidr('192.168.56.1/24') })).toBe('192.168.56.100');
  });

  test('follows a lease that was given to the card by hand', () => {
    const recorded = number('192.168.99.100');
    expect(choose({ recorded }, withLeases(lease(ours, '192.168.99.150')))).toBe('192.168.99.150');
    const both = withLeases(lease(ours, '192.168.99.100'), lease(ours, '192.168.99.150', 2));
    expect(choose({ recorded }, both)).toBe('192.168.99.150');
    const contested = withLeases(lease(ours, '192.168.99.150'), lease(theirs, '192.168.99.150'));
    expect(choose({ recorded }, contested)).toBe('192.168.99.100');
  });

  test('counts the lease of a VM that is gone as free', () => {
    expect(choose({}, withLeases(lease(undefined, '192.168.99.100', 2)))).toBe('192.168.99.100');
  });

  test('goes on below the pool when that is full, and says when all is full', () => {
    const pool = Array.from({ length: 155 }, (_, index) => number('192.168.99.100') + index);
    expect(choose({}, { others: pool })).toBe('192.168.99.3');
    const all = Array.from({ length: 254 }, (_, index) => number('192.168.99.1') + index);
    expect(() => choose({}, { others: all })).toThrow(
      expect.objectContaining({
        code: 'ADDRESS_NONE_FREE',
        message: 'Cannot find a free address on the host-only network 192.168.99.0/24',
      }),
    );
  });

  test('takes an address outside the pool where no lease keeps it', () => {
    expect(choose({ isStatic: true })).toBe('192.168.99.3');
    const pool = planNetPool(cidr('192.168.99.1/24'));
    expect(choose({ isStatic: true }, { server: undefined, pool })).toBe('192.168.99.100');
  });

  test('finds room in a small network', () => {
    const small = { cidr: cidr('10.0.0.1/29'), server: undefined };
    expect(choose({}, small)).toBe('10.0.0.4');
    const others = [number('10.0.0.4'), number('10.0.0.5')];
    expect(choose({}, { ...small, others })).toBe('10.0.0.6');
  });

  test('takes what is asked for, in the pool or not', () => {
    expect(choose({ requested: number('192.168.99.200') })).toBe('192.168.99.200');
    expect(choose({ requested: number('192.168.99.9') })).toBe('192.168.99.9');
    expect(choose({ requested: number('192.168.99.9') }, withLeases(lease(ours, '192.168.99.9')))).toBe('192.168.99.9');
  });

  test.each([
    ['192.168.98.9', 'ADDRESS_INVALID', 'it is not one of the host-only network 192.168.99.0/24'],
    ['192.168.99.0', 'ADDRESS_INVALID', 'it is not one of the host-only network 192.168.99.0/24'],
    ['192.168.99.255', 'ADDRESS_INVALID', 'it is not one of the host-only network 192.168.99.0/24'],
    ['192.168.99.1', 'ADDRESS_TAKEN', "it is this computer's own on that network"],
    ['192.168.99.2', 'ADDRESS_TAKEN', "it is the DHCP server's"],
    ['192.168.99.110', 'ADDRESS_TAKEN', 'VirtualBox keeps it for the card 080027FFFFFF'],
    ['192.168.99.111', 'ADDRESS_TAKEN', 'another machine has it'],
  ])('refuses %s with %s', (text, code, reason) => {
    const more = { others: [number('192.168.99.111')], ...withLeases(lease(theirs, '192.168.99.110')) };
    const message = `Cannot give the machine the address ${text}: ${reason}`;
    expect(() => choose({ requested: number(text) }, more)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe('planDhcpCall()', () => {
  const address = number('192.168.99.100');
  const leaseArgs = ['--mac-address', ours, '--fixed-address', '192.168.99.100'];

  test('adds the lease alone to a server that fits', () => {
    expect(planDhcpCall(address, facts())).toEqual(['dhcpserver', 'modify', '--netname', networkName, ...leaseArgs]);
  });

  const settings = [
    ...['--ip', '192.168.99.2', '--netmask', '255.255.255.0'],
    ...['--lowerip', '192.168.99.100', '--upperip', '192.168.99.254', '--enable'],
  ];

  test('makes a server and its first lease in one call', () => {
    const call = planDhcpCall(address, facts({ server: undefined }));
    expect(call).toEqual(['dhcpserver', 'add', '--netname', networkName, ...settings, ...leaseArgs]);
  });

  test('makes the server of a fresh installation, or of an adapter long gone, fit the network, and clears it of its leases', () => {
    const leases = [lease('080027AAAAAA', '192.168.56.101'), lease(undefined, '192.168.56.102', 2)];
    const fresh = { ...usualServer, leases, address: number('192.168.56.100'), lower: number('192.168.56.101') };
    expect(planDhcpCall(address, facts({ server: fresh }))).toEqual([
      ...['dhcpserver', 'modify', '--netname', networkName, ...settings],
      ...['--mac-address', '080027AAAAAA', '--remove-config', '--vm', 'U', '--nic', '2', '--remove-config'],
      ...leaseArgs,
    ]);
  });

  test('turns a server on with the settings it has', () => {
    const off = { ...usualServer, isEnabled: false, lower: number('192.168.99.50') };
    const call = planDhcpCall(address, facts({ server: off }));
    expect(call.slice(4, -4)).toEqual(settings.with(5, '192.168.99.50'));
  });

  test('replaces a second lease of the card', () => {
    const both = withLeases(lease(ours, '192.168.99.100'), lease(ours, '192.168.99.150', 2));
    expect(planDhcpCall(number('192.168.99.150'), facts(both)).slice(4)).toEqual([
      ...['--vm', 'U', '--nic', '2', '--remove-config'],
      ...['--mac-address', ours, '--fixed-address', '192.168.99.150'],
    ]);
  });

  test('sets the server alone where there are no leases', () => {
    const call = planDhcpCall(undefined, facts({ server: undefined }));
    expect(call).toEqual(['dhcpserver', 'add', '--netname', networkName, ...settings]);
  });

  test("puts a new server beside this computer's own address", () => {
    const call = planDhcpCall(undefined, facts({ server: undefined, cidr: cidr('192.168.99.2/24') }));
    expect(call.slice(4, 6)).toEqual(['--ip', '192.168.99.3']);
    const small = planDhcpCall(undefined, facts({ server: undefined, cidr: cidr('10.0.0.1/29') }));
    expect(small.slice(4)).toEqual([
      ...['--ip', '10.0.0.2', '--netmask', '255.255.255.248'],
      ...['--lowerip', '10.0.0.4', '--upperip', '10.0.0.6', '--enable'],
    ]);
  });
});

describe('isLeased()', () => {
  const address = number('192.168.99.100');
  test.each<[string, Partial<LeaseFacts>, boolean]>([
    ['the lease is there', withLeases(lease(ours, '192.168.99.100')), true],
    ['there is none', {}, false],
    ['there is no server', { server: undefined }, false],
    ['it keeps another address', withLeases(lease(ours, '192.168.99.101')), false],
    ['there are two', withLeases(lease(ours, '192.168.99.100'), lease(ours, '192.168.99.101', 2)), false],
    ['another card has it, too', withLeases(lease(ours, '192.168.99.100'), lease(theirs, '192.168.99.100')), false],
    [
      'a VM that is gone has it, too',
      withLeases(lease(ours, '192.168.99.100'), lease(undefined, '192.168.99.100', 2)),
      false,
    ],
    [
      'the server is off',
      { server: { ...usualServer, isEnabled: false, leases: [lease(ours, '192.168.99.100')] } },
      false,
    ],
    [
      'it belongs to another range',
      { ...withLeases(lease(ours, '192.168.99.100')), cidr: cidr('192.168.56.1/24') },
      false,
    ],
  ])('where %s: %#', (_, more, expected) => expect(isLeased(address, facts(more))).toBe(expected));

  test('isServed() wants the server on and its pool in the network', () => {
    expect(isServed(facts())).toBe(true);
    expect(isServed(facts({ server: { ...usualServer, upper: number('192.168.100.254') } }))).toBe(false);
  });
});

test('planRelease() gives up the lease of one card', () => {
  expect(planRelease(networkName, ours).join(' ')).toBe(
    `dhcpserver modify --netname ${networkName} --mac-address ${ours} --remove-config`,
  );
});

describe('planWish()', () => {
  const wish = (HostOnlyCIDR: string, RequestedIP = '') => planWish({ HostOnlyCIDR, RequestedIP });

  test('reads both options, and that they are left out', () => {
    expect(wish('')).toEqual({ cidr: undefined, address: undefined });
    expect(wish('192.168.99.1/24', '192.168.99.7')).toEqual({
      cidr: cidr('192.168.99.1/24'),
      address: number('192.168.99.7'),
    });
  });

  test.each([
    ['192.168.99.1', 'it is not an address with a prefix length'],
    ['192.168.99.0/24', 'it must be the address of this computer there, not that of the network'],
    ['192.168.99.255/24', 'it must be the address of this computer there, not that of the network'],
    ['192.168.99.1/30', 'a network of /30 is too small'],
    ['10.0.0.1/7', 'a network of /7 is too large'],
  ])('refuses %s', (text, reason) => {
    expect(() => wish(text)).toThrow(
      expect.objectContaining({
        code: 'NETWORK_INVALID',
        message: `Cannot use "${text}" for the host-only network: ${reason}`,
      }),
    );
  });

  test('refuses what is no address', () => {
    expect(() => wish('', 'dev')).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }));
  });
});

test('parseGivenAddresses() reads the book of the DHCP server', () => {
  const book = `<?xml version="1.0"?>
<Leases version="1.0">
  <Lease mac="08:00:27:3c:99:c7" id="010800273c99c7" network="0.0.0.0" state="acked">
    <Address value="192.168.56.102"/>
    <Time issued="1790536392" expiration="600"/>
  </Lease>
  <Lease mac="08:00:27:09:e4:40" network="0.0.0.0" state="expired">
    <Address value="192.168.56.101"/>
    <Time issued="1790535599" expiration="600"/>
  </Lease>
</Leases>`;
  expect(parseGivenAddresses(book)).toEqual([
    { macAddress: '0800273C99C7', address: number('192.168.56.102') },
    { macAddress: '08002709E440', address: number('192.168.56.101') },
  ]);
  expect(parseGivenAddresses('')).toEqual([]);
});

test.each([
  ['linux', { HOME: '/home/a' }, '/home/a/.config/VirtualBox/N-Dhcpd.leases'],
  ['linux', { HOME: '/home/a', XDG_CONFIG_HOME: '/x' }, '/x/VirtualBox/N-Dhcpd.leases'],
  ['linux', { HOME: '/home/a', VBOX_USER_HOME: '/v' }, '/v/N-Dhcpd.leases'],
  ['darwin', { HOME: '/Users/a' }, '/Users/a/Library/VirtualBox/N-Dhcpd.leases'],
  ['win32', { USERPROFILE: '/c/a' }, '/c/a/.VirtualBox/N-Dhcpd.leases'],
  ['linux', {}, undefined],
] as const)('planBookPath() on %s with %o is %s', (platform, env, expected) => {
  expect(planBookPath('N', platform, env)).toBe(expected);
});
