import { expect, test } from 'vitest';
import { formatCidr, parseCidr } from '../../../../drivers/virtualbox/cidr.ts';
import {
  formatRangeHint,
  formatRangeLine,
  isAllowed,
  isRangeEnforced,
  parseNetworksConf,
} from '../../../../drivers/virtualbox/networks-conf.ts';

const cidr = (text: string) => parseCidr(text) ?? { address: -1, prefix: -1 };
const rangesOf = (text: string | undefined) => parseNetworksConf(text).ranges.map(formatCidr);

test("parseNetworksConf() takes VirtualBox's own range where there is no file", () => {
  expect(rangesOf(undefined)).toEqual(['192.168.56.0/21']);
});

test('parseNetworksConf() allows nothing where the file does, however much it says otherwise', () => {
  expect(rangesOf('')).toEqual([]);
  expect(rangesOf('# * 10.0.0.0/8\n\n')).toEqual([]);
  expect(rangesOf('* 2001::/64\n')).toEqual([]);
});

test('parseNetworksConf() reads several ranges on a line, among tabs, comments, and what is no range', () => {
  const text = '# mine\n* 10.0.0.0/8 192.168.0.0/16\n  *\t172.16.0.1/12 fe80::/10 bogus 1.2.3.4\r\n* 0.0.0.0/0 ::/0';
  expect(rangesOf(text)).toEqual(['10.0.0.0/8', '192.168.0.0/16', '172.16.0.1/12', '0.0.0.0/0']);
});

test('parseNetworksConf() passes over lines without "* ", as VirtualBox does, and remembers them', () => {
  const { ranges, ignoredLines } = parseNetworksConf('192.168.99.0/24\n*10.0.0.0/8\n* 172.16.0.0/12\nhello\n');
  expect(ranges.map(formatCidr)).toEqual(['172.16.0.0/12']);
  expect(ignoredLines).toEqual([
    { number: 1, text: '192.168.99.0/24' },
    { number: 2, text: '*10.0.0.0/8' },
  ]);
});

test.each([
  ['192.168.56.1/24', true],
  ['192.168.63.1/24', true],
  ['192.168.64.1/24', false],
  ['192.168.99.1/24', false],
  // The adapter's whole network must lie in the range.
  ['192.168.56.1/20', false],
])('isAllowed() without a file says of %s: %s', (text, expected) => {
  expect(isAllowed(cidr(text), parseNetworksConf(undefined).ranges)).toBe(expected);
});

test('isAllowed() allows all where nothing is enforced', () => {
  expect(isAllowed(cidr('8.8.8.8/24'), undefined)).toBe(true);
  expect(isAllowed(cidr('8.8.8.8/24'), [])).toBe(false);
});

test.each([
  ['linux', '6.1.27', false],
  ['linux', '6.1.28', true],
  ['linux', '5.2.44', false],
  ['darwin', '6.1.30', true],
  ['sunos', '7.0.0', true],
  ['linux', '7.2.22', true],
  ['win32', '7.2.22', false],
] as const)('isRangeEnforced() on %s with %s is %s', (platform, text, expected) => {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number);
  expect(isRangeEnforced(platform, { major, minor, patch })).toBe(expected);
});

test('formatRangeLine() names the network, not the address of this computer', () => {
  expect(formatRangeLine(cidr('192.168.99.1/24'))).toBe('* 192.168.99.0/24');
});

test('formatRangeHint() tells the line to add, or the line to correct', () => {
  const wanted = cidr('192.168.99.1/24');
  expect(formatRangeHint(wanted, parseNetworksConf(undefined))).toContain(': * 192.168.99.0/24');
  expect(formatRangeHint(wanted, parseNetworksConf('* 10.0.0.0/8\n192.168.99.0/24\n'))).toBe(
    'line 2 of /etc/vbox/networks.conf must begin with an asterisk and a space: "* 192.168.99.0/24"',
  );
  expect(formatRangeHint(wanted, parseNetworksConf('*192.168.0.0/16'))).toContain('line 1 of ');
});
