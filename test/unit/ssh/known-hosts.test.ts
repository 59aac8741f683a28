import { expect, test } from 'vitest';
import { createHostKeyPair, createUserKeyPair } from '../../../src/ssh/keys.ts';
import { formatKnownHost, parseKnownHosts, parsePublicKey } from '../../../src/ssh/known-hosts.ts';

test('parseKnownHosts() reads back what formatKnownHost() wrote, and other names, comments and blank lines', async () => {
  const keys = [await createHostKeyPair('a'), await createUserKeyPair('b')].flatMap(
    (pair) => parsePublicKey(pair.publicKey) ?? [],
  );
  const [one, other] = keys;
  expect(keys).toHaveLength(2);
  const foreign = `[127.0.0.1]:2222,dev ${other?.type} ${other?.base64} a comment\r\n`;
  expect(parseKnownHosts(`# note\n\n${one && formatKnownHost(one)}${foreign}`)).toEqual(keys);
});

test('parsePublicKey() refuses text whose type and key disagree', async () => {
  const key = parsePublicKey((await createHostKeyPair('a')).publicKey);
  expect(parsePublicKey(`ssh-rsa ${key?.base64}`)).toBeUndefined();
  for (const text of ['', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'ssh-ed25519 ???? x', '<html>'])
    expect(parsePublicKey(text)).toBeUndefined();
});

test('parseKnownHosts() leaves out revoked keys and certificate authorities', async () => {
  const { publicKey } = await createHostKeyPair('a');
  expect(parseKnownHosts(`@revoked * ${publicKey}@cert-authority * ${publicKey}`)).toEqual([]);
});
