import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHostKeyPair, createUserKeyFiles, createUserKeyPair } from '../../../src/ssh/keys.ts';
import { fingerprint, parsePublicKey } from '../../../src/ssh/known-hosts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function sshKeygen(...args: readonly string[]): string {
  return execFileSync('ssh-keygen', args, { encoding: 'utf8' });
}

test('createUserKeyFiles() keeps a PKCS#1 key that ssh-keygen reads, for the user alone', async () => {
  const pair = await createUserKeyFiles(folder, 'dev');
  const file = join(folder, 'id_rsa');
  expect(readFileSync(file, 'utf8')).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
  expect(sshKeygen('-y', '-f', file).trim()).toBe(pair.publicKey.trim().replace(/ dev$/, ''));
  expect(sshKeygen('-l', '-f', `${file}.pub`)).toMatch(/^2048 .* dev \(RSA\)/);
  expect([file, `${file}.pub`].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
});

test('createHostKeyPair() makes an ed25519 key that ssh-keygen reads, whatever the length of its comment', async () => {
  for (const comment of ['', 'a', 'dev', 'a longer one']) {
    const pair = await createHostKeyPair(comment);
    const file = join(folder, `key-${comment.length}`);
    writeFileSync(file, pair.privateKey, { mode: 0o600 });
    expect(sshKeygen('-y', '-f', file).trim()).toBe(pair.publicKey.trim());
    expect(pair.publicKey.endsWith(` ${comment}\n`)).toBe(true);
  }
});

test('fingerprint() equals what ssh-keygen shows', async () => {
  const file = join(folder, 'key.pub');
  for (const pair of [await createHostKeyPair('x'), await createUserKeyPair('x')]) {
    writeFileSync(file, pair.publicKey);
    const key = parsePublicKey(pair.publicKey);
    expect(key && fingerprint(key)).toBe(sshKeygen('-l', '-f', file).split(' ')[1]);
  }
});

test('createUserKeyPair() never makes the same key twice', async () => {
  const [one, other] = await Promise.all([createUserKeyPair('x'), createUserKeyPair('x')]);
  expect(one.publicKey).not.toBe(other.publicKey);
});
