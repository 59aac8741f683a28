import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { TmachineError } from '../errors/tmachine-error.ts';
import { type LockOptions, withLock } from '../host/lock.ts';
import type { AuthorityPaths } from './authority-paths.ts';
import { daysLeft, inspectCertificate, readCertificates } from './inspect.ts';
import { issueCertificate, planValidity } from './issue.ts';
import { generateRsaKey, publicKeyOf, readPrivateKey } from './keys.ts';
import {
  loadOrCreatePair,
  type Pair,
  type PairPaths,
  readPair,
  recoverPair,
  replacePair,
  requireMatch,
  writePair,
} from './pair.ts';

/** The certificate authority and the client pair it signed. */
export interface Authority {
  readonly ca: Pair;
  readonly client: Pair;
}

/** What making an authority needs. `user` becomes the subject, as in docker-machine. */
export interface AuthorityOptions extends Pick<LockOptions, 'signal' | 'platform'> {
  readonly user: string;
  readonly now: Date;
}

/**
 * The authority at `paths`. What is missing is made, by one process at a time, so that commands running
 * together never mix two authorities. What exists is used as it is.
 *
 * @throws TmachineError `CERTIFICATE_PAIR_INCOMPLETE`, `CERTIFICATE_MISMATCH`, `CERTIFICATE_UNREADABLE`, `KEY_UNREADABLE`, `LOCKED`.
 */
export async function loadOrCreateAuthority(paths: AuthorityPaths, options: AuthorityOptions): Promise<Authority> {
  const [ca, client] = await Promise.all([readPair(paths.ca), readPair(paths.client)]);
  if (ca !== undefined && client !== undefined && belongTogether({ ca, client }, paths)) return { ca, client };
  // Something is missing, or another process is replacing it now: look again when nobody writes.
  return await withCertificatesLock(paths, options, async () => {
    const lockedCa = await loadOrCreateCa(paths, options);
    const lockedClient = await loadOrCreatePair(paths.client, (keyPem) => issueClient(keyPem, lockedCa, options));
    const authority = { ca: lockedCa, client: lockedClient };
    requireAuthorityMatch(authority, paths);
    return authority;
  });
}

/** When the shared certificates are made anew: only where less than 30 days are left, or in any case. */
export interface RenewalWish {
  readonly ca: 'due' | 'always';
  readonly client: 'due' | 'always';
}

/** The authority after a renewal, and which of its parts are new. */
export interface Renewal {
  readonly authority: Authority;
  readonly renewed: { readonly ca: boolean; readonly client: boolean };
}

/**
 * Renews certificate authority and client pair. The authority keeps key and name, so every certificate it signed stays
 * good; the client gets a new key as well.
 *
 * @throws TmachineError as `loadOrCreateAuthority`; `CUSTOM_CERTIFICATE` when what is to be renewed was named by the user.
 */
export async function renewAuthority(
  paths: AuthorityPaths,
  wish: RenewalWish,
  options: AuthorityOptions,
): Promise<Renewal> {
  return await withCertificatesLock(paths, options, async () => {
    const old = await loadOrCreateCa(paths, options);
    const renewsCa = wish.ca === 'always' || isDue(old.certPem, paths.ca.cert, options.now);
    const ca = renewsCa ? await renewCa(paths.ca, old, options) : old;
    const present = await loadOrCreatePair(paths.client, (keyPem) => issueClient(keyPem, ca, options));
    const renewsClient = wish.client === 'always' || isDue(present.certPem, paths.client.cert, options.now);
    const client = renewsClient ? await replaceClient(paths, ca, options) : present;
    const authority = { ca, client };
    requireAuthorityMatch(authority, paths);
    return { authority, renewed: { ca: renewsCa, client: renewsClient } };
  });
}

/** Whether one of the shared certificates has less than 30 days left, without a lock; false as well where none can be read. */
export async function isAuthorityDue(paths: AuthorityPaths, now: Date): Promise<boolean> {
  const pairs = await Promise.all([readPair(paths.ca), readPair(paths.client)]);
  return pairs.some((pair) => {
    try {
      return pair !== undefined && isDue(pair.certPem, '', now);
    } catch {
      return false;
    }
  });
}

/** Certificates with less time left than this are renewed. */
export const renewBelowDays = 30;

function isDue(certPem: string, source: string, now: Date): boolean {
  return daysLeft(inspectCertificate(certPem, source), now) < renewBelowDays;
}

/** What else is in the file, such as an authority that is on its way out, stays. */
async function renewCa(paths: PairPaths, ca: Pair, options: AuthorityOptions): Promise<Pair> {
  if (paths.isCustom) throw customCertificate(paths.cert);
  const [first = '', ...others] = readCertificates(ca.certPem, paths.cert).map(String);
  const certPem = [await issueAuthority(ca.keyPem, options, first), ...others].join('');
  await writePair(paths, { keyPem: ca.keyPem, certPem });
  return { keyPem: ca.keyPem, certPem };
}

/** Issues a new client pair in the place of the present one; the caller holds the lock. */
export async function replaceClient(paths: AuthorityPaths, ca: Pair, options: AuthorityOptions): Promise<Pair> {
  if (paths.client.isCustom) throw customCertificate(paths.client.cert);
  const keyPem = (await generateRsaKey()).privateKeyPem;
  const client = { keyPem, certPem: await issueClient(keyPem, ca, options) };
  await replacePair(paths.client, client);
  return client;
}

/** The authority's own pair, made where it is missing; the caller holds the lock. */
export async function loadOrCreateCa(paths: AuthorityPaths, options: AuthorityOptions): Promise<Pair> {
  const ca = await loadOrCreatePair(paths.ca, (keyPem) => issueAuthority(keyPem, options));
  requireMatch(ca, paths.ca);
  return ca;
}

/** A certificate for an authority's key; `renewed` is the one it takes the place of. */
export async function issueAuthority(
  keyPem: string,
  options: Pick<AuthorityOptions, 'user' | 'now'>,
  renewed?: string,
): Promise<string> {
  const privateKey = readPrivateKey(keyPem, 'ca-key.pem');
  return await issueCertificate(
    {
      usage: 'authority',
      organization: options.user,
      names: [],
      publicKey: publicKeyOf(privateKey),
      serial: randomBytes(16),
      ...planValidity(options.now),
    },
    { privateKey, certificatePem: renewed },
  );
}

async function issueClient(keyPem: string, ca: Pair, options: AuthorityOptions): Promise<string> {
  return await issueCertificate(
    {
      usage: 'client',
      organization: `${options.user}.<bootstrap>`,
      names: [],
      publicKey: publicKeyOf(readPrivateKey(keyPem, 'key.pem')),
      serial: randomBytes(16),
      ...planValidity(options.now),
    },
    { privateKey: readPrivateKey(ca.keyPem, 'ca-key.pem'), certificatePem: ca.certPem },
  );
}

function belongTogether(authority: Authority, paths: AuthorityPaths): boolean {
  try {
    requireAuthorityMatch(authority, paths);
    return true;
  } catch (error) {
    if (error instanceof TmachineError) return false;
    throw error;
  }
}

function requireAuthorityMatch(authority: Authority, paths: AuthorityPaths): void {
  requireMatch(authority.ca, paths.ca);
  requireMatch(authority.client, paths.client, { certPem: authority.ca.certPem, cert: paths.ca.cert });
}

/** Runs `work` while nobody else changes these certificates, and after what somebody killed left half done is whole again. */
export async function withCertificatesLock<T>(
  paths: AuthorityPaths,
  options: AuthorityOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = { what: 'the certificates', timeoutMs: 60_000, signal: options.signal, platform: options.platform };
  return await withLock(join(paths.folder, '.lock'), lock, async () => {
    for (const pair of [paths.ca, paths.client]) if (!pair.isCustom) await recoverPair(pair);
    return await work();
  });
}

/** The refusal to replace a file that the user named. */
export function customCertificate(path: string): TmachineError {
  return new TmachineError(`Cannot renew "${path}": it was named on the command line, and is not ours to replace`, {
    code: 'CUSTOM_CERTIFICATE',
    hint: 'renew it where it was made',
  });
}
