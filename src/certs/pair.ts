import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TmachineError } from '../errors/tmachine-error.ts';
import { makePrivateFolder, privateFile, readTextIfExists, writeFileAtomic } from '../host/files.ts';
import { findIssuer, readCertificate, readCertificates } from './inspect.ts';
import { generateRsaKey, readPrivateKey } from './keys.ts';

/** Mode of a certificate: everyone may read it. */
export const publicFile = 0o644;

/** The two files of one certificate. */
export interface PairPaths {
  readonly cert: string;
  readonly key: string;
  /** The user chose these files: they are read, and made when both are missing, but never completed or replaced. */
  readonly isCustom: boolean;
}

/** A certificate with its private key, as PEM. */
export interface Pair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** The pair at `paths`, or nothing unless both files exist. */
export async function readPair(paths: PairPaths): Promise<Pair | undefined> {
  const [certPem, keyPem] = await Promise.all([readTextIfExists(paths.cert), readTextIfExists(paths.key)]);
  return certPem === undefined || keyPem === undefined ? undefined : { certPem, keyPem };
}

/**
 * The pair at `paths`, made by `issue` from a new key when there is none. A key alone is what a create that was
 * killed leaves behind: it gets its certificate now.
 *
 * @throws TmachineError `CERTIFICATE_PAIR_INCOMPLETE` when only one file exists and it cannot be completed.
 */
export async function loadOrCreatePair(paths: PairPaths, issue: (keyPem: string) => Promise<string>): Promise<Pair> {
  const [certPem, keyPem] = await Promise.all([readTextIfExists(paths.cert), readTextIfExists(paths.key)]);
  if (certPem !== undefined && keyPem !== undefined) return { certPem, keyPem };
  if (certPem !== undefined) throw incomplete(paths.cert, paths.key);
  if (keyPem !== undefined && paths.isCustom) throw incomplete(paths.key, paths.cert);
  const key = keyPem ?? (await generateRsaKey()).privateKeyPem;
  const pair = { keyPem: key, certPem: await issue(key) };
  await writePair(paths, pair);
  return pair;
}

/** Writes the key first: a certificate that exists has its key. */
export async function writePair(paths: PairPaths, pair: Pair): Promise<void> {
  await makePrivateFolder(dirname(paths.key));
  await makePrivateFolder(dirname(paths.cert));
  await writeFileAtomic(paths.key, pair.keyPem, privateFile);
  await writeFileAtomic(paths.cert, pair.certPem, publicFile);
}

/**
 * Replaces a pair that is in use. Two files cannot change at once, so the certificate waits beside them while the key
 * changes: wherever this ends early, `recoverPair` makes one pair of what is left.
 */
export async function replacePair(paths: PairPaths, pair: Pair): Promise<void> {
  await writeFileAtomic(waiting(paths), pair.certPem, publicFile);
  await writeFileAtomic(paths.key, pair.keyPem, privateFile);
  await rename(waiting(paths), paths.cert);
}

/** Ends what a killed `replacePair` began: the new pair where its key is in place already, else the old one. */
export async function recoverPair(paths: PairPaths): Promise<void> {
  const [certPem, keyPem] = await Promise.all([readTextIfExists(waiting(paths)), readTextIfExists(paths.key)]);
  if (certPem === undefined) return;
  if (keyPem !== undefined && belongs(keyPem, certPem)) await rename(waiting(paths), paths.cert);
  else await rm(waiting(paths), { force: true });
}

function waiting(paths: PairPaths): string {
  return `${paths.cert}.new`;
}

/** Whether a key is the one of the first certificate; false as well when one of them cannot be read. */
export function belongs(keyPem: string, certPem: string): boolean {
  try {
    return readCertificate(certPem, '').checkPrivateKey(readPrivateKey(keyPem, ''));
  } catch {
    return false;
  }
}

/**
 * Checks that the key belongs to the certificate and, where given, that one of the authorities in `signer` signed it.
 *
 * @throws TmachineError `CERTIFICATE_MISMATCH`, `CERTIFICATE_UNREADABLE`, `KEY_UNREADABLE`.
 */
export function requireMatch(
  pair: Pair,
  paths: PairPaths,
  signer?: { readonly certPem: string; readonly cert: string },
): void {
  const certificate = readCertificate(pair.certPem, paths.cert);
  if (!certificate.checkPrivateKey(readPrivateKey(pair.keyPem, paths.key)))
    throw mismatch(`Cannot use the certificate "${paths.cert}": the key "${paths.key}" is not its key`);
  if (signer === undefined) return;
  if (findIssuer(certificate, readCertificates(signer.certPem, signer.cert)) === undefined)
    throw mismatch(`Cannot use the certificate "${paths.cert}": it was not signed by "${signer.cert}"`);
}

function incomplete(present: string, missing: string): TmachineError {
  return new TmachineError(`Cannot use "${present}": "${missing}", which belongs to it, does not exist`, {
    code: 'CERTIFICATE_PAIR_INCOMPLETE',
    hint: `bring "${missing}" back, or move "${present}" away`,
  });
}

function mismatch(message: string): TmachineError {
  return new TmachineError(message, {
    code: 'CERTIFICATE_MISMATCH',
    hint: 'put the files that belong together side by side, or move the client pair away to have a new one made',
  });
}
