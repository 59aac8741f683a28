import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { classifyPrivateKey } from '../../../../drivers/generic/private-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A key as ssh-keygen writes it. */
function makeKey(...options: readonly string[]): string {
  execFileSync('ssh-keygen', ['-q', '-f', join(folder, 'key'), ...options]);
  return readFileSync(join(folder, 'key'), 'utf8');
}

test.each([
  ['OpenSSH, ed25519', ['-t', 'ed25519']],
  ['OpenSSH, RSA', ['-t', 'rsa', '-b', '2048']],
  ['PEM, RSA', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
  ['PKCS#8, ECDSA', ['-t', 'ecdsa', '-m', 'PKCS8']],
])('classifyPrivateKey() tells whether a key needs a passphrase: %s', (_form, options) => {
  const open = makeKey(...options, '-N', '');
  expect(classifyPrivateKey(open)).toBe('usable');
  expect(classifyPrivateKey(open.replaceAll('\n', '\r\n'))).toBe('usable');
  rmSync(join(folder, 'key'));
  expect(classifyPrivateKey(makeKey(...options, '-N', 'a secret'))).toBe('encrypted');
});

test('classifyPrivateKey() names public keys, and what is none', () => {
  makeKey('-t', 'rsa', '-b', '2048', '-N', '');
  const publicKey = readFileSync(join(folder, 'key.pub'), 'utf8');
  const rfc4716 = execFileSync('ssh-keygen', ['-e', '-f', join(folder, 'key.pub')], { encoding: 'utf8' });
  const pkcs8 = execFileSync('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', join(folder, 'key.pub')], { encoding: 'utf8' });
  for (const text of [publicKey, rfc4716, pkcs8]) expect(classifyPrivateKey(text)).toBe('public');
  expect(classifyPrivateKey('PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n')).toBe('putty');
  for (const text of ['', 'no key', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n'])
    expect(classifyPrivateKey(text)).toBe('unknown');
});
