import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatUserdata, type Seed } from '../../../src/image/data-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'data-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seed: Seed = {
  hostname: 'dev',
  authorizedKey: `ssh-rsa ${'A'.repeat(372)} dev\n`,
  caCertificate: `${'c'.repeat(1200)}\n`,
  serverCertificate: `${'s'.repeat(1300)}\n`,
  serverKey: `${'k'.repeat(1700)}\n`,
  profile: "EXTRA_ARGS='--label a=b'\n",
  sshHostKey: { privateKey: `${'p'.repeat(400)}\n`, publicKey: 'ssh-ed25519 AAAA\n' },
};

function tar(args: string[], archive: Uint8Array): string {
  writeFileSync(join(folder, 'userdata.tar'), archive);
  return execFileSync('tar', [...args, '-f', join(folder, 'userdata.tar')], { encoding: 'utf8', cwd: folder });
}

test('formatUserdata() gives a tar with every part of the seed, in the order the guest reads it', () => {
  const listing = tar(['-tv', '--full-time', '--utc'], formatUserdata(seed)).trim().split('\n');
  expect(listing.map((line) => line.replace(/ +/g, ' '))).toEqual([
    '-rw-r--r-- root/root 29 1970-01-01 00:00:00 boot2docker, please format-me',
    'drwx------ root/root 0 1970-01-01 00:00:00 .ssh/',
    '-rw------- root/root 385 1970-01-01 00:00:00 .ssh/authorized_keys',
    '-rw------- root/root 385 1970-01-01 00:00:00 .ssh/authorized_keys2',
    'drwx------ root/root 0 1970-01-01 00:00:00 tmachine/',
    '-rw-r--r-- root/root 3 1970-01-01 00:00:00 tmachine/hostname',
    '-rw-r--r-- root/root 1201 1970-01-01 00:00:00 tmachine/ca.pem',
    '-rw-r--r-- root/root 1301 1970-01-01 00:00:00 tmachine/server.pem',
    '-rw------- root/root 1701 1970-01-01 00:00:00 tmachine/server-key.pem',
    '-rw-r--r-- root/root 25 1970-01-01 00:00:00 tmachine/profile',
    '-rw------- root/root 401 1970-01-01 00:00:00 tmachine/ssh_host_ed25519_key',
    '-rw-r--r-- root/root 17 1970-01-01 00:00:00 tmachine/ssh_host_ed25519_key.pub',
  ]);
});

test('formatUserdata() can be unpacked by the real tar', () => {
  tar(['-x'], formatUserdata(seed));
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  expect(read('boot2docker, please format-me')).toBe('boot2docker, please format-me');
  expect(read('.ssh/authorized_keys')).toBe(seed.authorizedKey);
  expect(read('tmachine/hostname')).toBe(seed.hostname);
  expect(read('tmachine/server-key.pem')).toBe(seed.serverKey);
  expect(read('tmachine/profile')).toBe(seed.profile);
  expect(read('tmachine/ssh_host_ed25519_key.pub')).toBe(seed.sshHostKey.publicKey);
});

test('formatUserdata() leaves the machine out for genuine boot2docker, which takes the first 4096 bytes', () => {
  const archive = formatUserdata({ authorizedKey: seed.authorizedKey });
  const listing = tar(['-t'], archive.subarray(0, 4096)).trim().split('\n');
  expect(listing).toEqual(['boot2docker, please format-me', '.ssh/', '.ssh/authorized_keys', '.ssh/authorized_keys2']);
  expect(Buffer.from(formatUserdata(seed)).subarray(0, 3584)).toEqual(Buffer.from(archive).subarray(0, 3584));
});

test('formatUserdata() starts with the name boot2docker looks for and gives the same bytes every time', () => {
  const archive = formatUserdata(seed);
  expect(Buffer.from(archive).toString('latin1', 0, 29)).toBe('boot2docker, please format-me');
  expect(archive).toEqual(formatUserdata({ ...seed }));
});

test('formatUserdata() refuses a key that boot2docker would not read to its end', () => {
  expect(() => formatUserdata({ authorizedKey: 'A'.repeat(1025) })).toThrow(
    expect.objectContaining({
      code: 'SEED_TOO_LARGE',
      message: "Cannot write the machine's seed: the authorized key takes 5632 of 4096 bytes",
    }),
  );
});

test('formatUserdata() names the largest part of a seed beyond 64 KiB', () => {
  expect(() => formatUserdata({ ...seed, profile: 'x'.repeat(60_000) })).toThrow(
    /takes \d+ of 65536 bytes, "tmachine\/profile" alone 60000 of them/,
  );
});

test('formatUserdata() tells the guest of cards without DHCP and of shared folders', () => {
  const cards = [{ macAddress: '0800270A0B0C', address: '192.168.99.100', prefix: 24 }];
  const archive = formatUserdata({ ...seed, cards, shares: ['hosthome', 'work'] });
  expect(tar(['-x', '-O', 'tmachine/addresses'], archive)).toBe('08:00:27:0a:0b:0c 192.168.99.100/24\n');
  expect(tar(['-x', '-O', 'tmachine/shares'], archive)).toBe('hosthome\nwork\n');
  expect(formatUserdata({ ...seed, cards: [], shares: [] })).toEqual(formatUserdata(seed));
});
