import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { listInterfaceAddresses } from '../../../src/host/interface-addresses.ts';
import { describeWith } from '../../support/requires.ts';

describeWith(['ip'], 'addresses of interfaces', () => {
  test('listInterfaceAddresses() tells what the system tells, without loopback', () => {
    const lines = execFileSync('ip', ['-4', '-o', 'addr', 'show', 'up'], { encoding: 'utf8' }).trim().split('\n');
    const expected = lines.flatMap((line) => /^\d+: (\S+)\s+inet ([\d.]+)/.exec(line)?.slice(1, 3).join(' ') ?? []);
    const listed = listInterfaceAddresses();
    expect(listed.map(({ name, address }) => `${name} ${address}`).sort()).toEqual(
      expected.filter((line) => !line.startsWith('lo ')).sort(),
    );
    for (const { macAddress, netmask } of listed) {
      expect(macAddress).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      expect(netmask).toMatch(/^255\./);
    }
  });
});
