import { dirname } from 'node:path';
import { TmachineError } from '../errors/tmachine-error.ts';
import { makePrivateFolder, privateFile, readTextIfExists, writeFileAtomic } from '../host/files.ts';
import { readCertificate } from './inspect.ts';
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
 * Checks that the key belongs to the certificate and, where given, that `signer` signed it.
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
  const authority = readCertificate(signer.certPem, signer.cert);
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey))
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
