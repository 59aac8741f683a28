import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';

/** A private key as it is stored. */
export interface KeyPair {
  /** PKCS#1 PEM (`RSA PRIVATE KEY`, as docker-machine writes it) or SEC 1 PEM (`EC PRIVATE KEY`). */
  readonly privateKeyPem: string;
  readonly publicKey: KeyObject;
}

/** A new RSA key of 2048 bits, made off the main thread. */
export async function generateRsaKey(): Promise<KeyPair> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const pem = pair.privateKey.export({ type: 'pkcs1', format: 'pem' });
  return { privateKeyPem: pem.toString(), publicKey: pair.publicKey };
}

/**
 * A new server key on the curve P-256, made off the main thread. Only the guest ever uses it, and a guest under software
 * emulation signs with it many times faster than with RSA: that is felt in every `env`.
 */
export async function generateServerKey(): Promise<KeyPair> {
  const pair = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const pem = pair.privateKey.export({ type: 'sec1', format: 'pem' });
  return { privateKeyPem: pem.toString(), publicKey: pair.publicKey };
}

/**
 * A private key of any kind OpenSSL reads: PKCS#1, PKCS#8 or SEC1 PEM. `source` names it in the error.
 *
 * @throws TmachineError `KEY_UNREADABLE`.
 */
export function readPrivateKey(pem: string, source: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new TmachineError(`Cannot read the private key "${source}": ${messageOf(error)}`, {
      code: 'KEY_UNREADABLE',
      hint: 'it must be a PEM file without a passphrase',
      cause: error,
    });
  }
}

/** The public half of a private key. */
export function publicKeyOf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey);
}
