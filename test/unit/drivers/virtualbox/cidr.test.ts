import { expect, test } from 'vitest';
import {
  doOverlap,
  formatCidr,
  formatIpv4,
  formatNetmask,
  isHostAddress,
  isInside,
  lastOf,
  networkOf,
  parseCidr,
  parseIpv4,
  parseNetmask,
} from '../../../../drivers/virtualbox/cidr.ts';

const cidr = (text: string) => parseCidr(text) ?? { address: -1, prefix: -1 };
const address = (text: string) => parseIpv4(text) ?? -1;

test.each(['0.0.0.0', '10.1.2.3', '192.168.99.1', '255.255.255.255'])(
  'parseIpv4() and formatIpv4() agree on %s',
  (text) => {
    expect(formatIpv4(address(text))).toBe(text);
  },
);

test.each(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.x', ' 1.2.3.4', 'fe80::1'])(
  'parseIpv4() refuses "%s"',
  (text) => expect(parseIpv4(text)).toBeUndefined(),
);

test.each(['192.168.99.1', '192.168.99.1/33', '192.168.99.1/', '192.168.99.1/255.255.255.0', '::1/64', ''])(
  'parseCidr() refuses "%s"',
  (text) => expect(parseCidr(text)).toBeUndefined(),
);

test('formatCidr() writes what parseCidr() reads', () => {
  for (const text of ['192.168.99.1/24', '0.0.0.0/0', '10.0.0.1/8', '1.2.3.4/32'])
    expect(formatCidr(cidr(text))).toBe(text);
});

test('parseNetmask() reads masks without gaps and refuses others, such as the one Windows 10 was seen to report', () => {
  for (const prefix of [0, 1, 8, 21, 24, 31, 32]) expect(parseNetmask(formatNetmask(prefix))).toBe(prefix);
  expect(formatNetmask(21)).toBe('255.255.248.0');
  for (const text of ['15.0.0.0', '255.0.255.0', '0.0.0.255', 'ffffff00', ''])
    expect(parseNetmask(text)).toBeUndefined();
});

test('networkOf() and lastOf() give the ends of a network', () => {
  expect(formatCidr(networkOf(cidr('192.168.60.77/21')))).toBe('192.168.56.0/21');
  expect(formatIpv4(lastOf(cidr('192.168.60.77/21')))).toBe('192.168.63.255');
  expect(formatCidr(networkOf(cidr('200.1.2.3/0')))).toBe('0.0.0.0/0');
  expect(formatIpv4(lastOf(cidr('200.1.2.3/0')))).toBe('255.255.255.255');
});

test('isInside() and isHostAddress() know what computers of a network can have', () => {
  const network = cidr('192.168.99.1/24');
  expect(['192.168.99.0', '192.168.99.255', '192.168.98.255'].map((each) => isInside(network, address(each)))).toEqual([
    true,
    true,
    false,
  ]);
  expect(
    ['192.168.99.0', '192.168.99.254', '192.168.99.255'].map((each) => isHostAddress(network, address(each))),
  ).toEqual([false, true, false]);
});

test.each([
  ['192.168.99.1/24', '192.168.99.77/24', true],
  ['192.168.99.1/24', '192.168.0.1/16', true],
  ['192.168.0.1/16', '192.168.99.1/24', true],
  ['192.168.99.1/25', '192.168.99.129/25', false],
  ['192.168.99.1/24', '192.168.100.1/24', false],
  ['0.0.0.0/0', '10.0.0.1/32', true],
])('doOverlap() of %s and %s is %s', (one, other, expected) =>
  expect(doOverlap(cidr(one), cidr(other))).toBe(expected),
);
