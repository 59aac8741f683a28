import { generateKeyPair, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { privateFile, writeFileAtomic } from '../host/files.ts';
import { wireInteger, wireString, wireUint32 } from './wire.ts';

const generate = promisify(generateKeyPair);

/** A key pair as the two files OpenSSH keeps. */
export interface SshKeyPair {
  readonly privateKey: string;
  /** One line, `TYPE BASE64 COMMENT`, with a newline. */
  readonly publicKey: string;
}

/** Makes a user's key as docker-machine does: RSA 2048, the private half PKCS#1 PEM (RFC 8017, A.1.2). */
export async function createUserKeyPair(comment: string): Promise<SshKeyPair> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([
    wireString('ssh-rsa'),
    wireInteger(Buffer.from(e, 'base64url')),
    wireInteger(Buffer.from(n, 'base64url')),
  ]);
  return {
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    publicKey: formatPublicKey('ssh-rsa', blob, comment),
  };
}

/** Makes a server's key: ed25519 in OpenSSH's own private key format (PROTOCOL.key of OpenSSH). */
export async function createHostKeyPair(comment: string): Promise<SshKeyPair> {
  const { privateKey } = await generate('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const seed = Buffer.from(d, 'base64url');
  const point = Buffer.from(x, 'base64url');
  const blob = Buffer.concat([wireString('ssh-ed25519'), wireString(point)]);
  return {
    privateKey: formatOpenSshPrivateKey(blob, Buffer.concat([seed, point]), comment),
    publicKey: formatPublicKey('ssh-ed25519', blob, comment),
  };
}

/** Makes a user's key pair and keeps it as `id_rsa` and `id_rsa.pub` in `folder`, both for the user alone. */
export async function createUserKeyFiles(folder: string, comment: string): Promise<SshKeyPair> {
  const pair = await createUserKeyPair(comment);
  await writeFileAtomic(join(folder, 'id_rsa'), pair.privateKey, privateFile);
  await writeFileAtomic(join(folder, 'id_rsa.pub'), pair.publicKey, privateFile);
  return pair;
}

function formatPublicKey(type: string, blob: Buffer, comment: string): string {
  return `${type} ${blob.toString('base64')} ${comment}\n`;
}

/** Unencrypted keys are padded to a multiple of eight with 1, 2, 3 and so on. */
function formatOpenSshPrivateKey(publicBlob: Buffer, secret: Buffer, comment: string): string {
  const check = randomBytes(4);
  const body = Buffer.concat([check, check, publicBlob, wireString(secret), wireString(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const key = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    wireString('none'),
    wireString('none'),
    wireString(''),
    wireUint32(1),
    wireString(publicBlob),
    wireString(Buffer.concat([body, padding])),
  ]);
  const lines = key.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
