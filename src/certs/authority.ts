import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { TmachineError } from '../errors/tmachine-error.ts';
import { type LockOptions, withLock } from '../host/lock.ts';
import { daysLeft, inspectCertificate } from './inspect.ts';
import { issueCertificate, planValidity } from './issue.ts';
import { generateRsaKey, publicKeyOf, readPrivateKey } from './keys.ts';
import { loadOrCreatePair, type Pair, type PairPaths, readPair, requireMatch, writePair } from './pair.ts';

/** Files named by the global options; an empty or missing member means the file in the certificates folder. */
export interface CustomCertificateFiles {
  readonly caCert?: string | undefined;
  readonly caKey?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
}

/** Where the certificate authority and the client pair are. */
export interface AuthorityPaths {
  readonly folder: string;
  readonly ca: PairPaths;
  readonly client: PairPaths;
}

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

/** The files of docker-machine's certificates folder, or those the user names instead. */
export function authorityPaths(folder: string, custom: CustomCertificateFiles = {}): AuthorityPaths {
  return {
    folder,
    ca: {
      cert: custom.caCert || join(folder, 'ca.pem'),
      key: custom.caKey || join(folder, 'ca-key.pem'),
      isCustom: Boolean(custom.caCert || custom.caKey),
    },
    client: {
      cert: custom.clientCert || join(folder, 'cert.pem'),
      key: custom.clientKey || join(folder, 'key.pem'),
      isCustom: Boolean(custom.clientCert || custom.clientKey),
    },
  };
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

/**
 * Makes a new client key and certificate, and renews a certificate authority that has less than 30 days left.
 * The renewed authority keeps key and name, so every certificate it signed stays good.
 *
 * @throws TmachineError as `loadOrCreateAuthority`; `CUSTOM_CERTIFICATE` when the user named the files, which are never overwritten.
 */
export async function renewClientCertificate(paths: AuthorityPaths, options: AuthorityOptions): Promise<Authority> {
  if (paths.client.isCustom) throw customCertificate(paths.client.cert);
  return await withCertificatesLock(paths, options, async () => {
    const ca = await renewWhenDue(paths.ca, await loadOrCreateCa(paths, options), options);
    const keyPem = (await generateRsaKey()).privateKeyPem;
    const client = { keyPem, certPem: await issueClient(keyPem, ca, options) };
    await writePair(paths.client, client);
    return { ca, client };
  });
}

const renewBelowDays = 30;

async function renewWhenDue(paths: PairPaths, ca: Pair, options: AuthorityOptions): Promise<Pair> {
  const facts = inspectCertificate(ca.certPem, paths.cert);
  if (daysLeft(facts, options.now) >= renewBelowDays) return ca;
  if (paths.isCustom) throw customCertificate(paths.cert);
  const renewed = { keyPem: ca.keyPem, certPem: await issueAuthority(ca.keyPem, options, ca.certPem) };
  await writePair(paths, renewed);
  return renewed;
}

async function loadOrCreateCa(paths: AuthorityPaths, options: AuthorityOptions): Promise<Pair> {
  const ca = await loadOrCreatePair(paths.ca, (keyPem) => issueAuthority(keyPem, options));
  requireMatch(ca, paths.ca);
  return ca;
}

async function issueAuthority(keyPem: string, options: AuthorityOptions, renewed?: string): Promise<string> {
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

async function withCertificatesLock<T>(
  paths: AuthorityPaths,
  options: AuthorityOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = { what: 'the certificates', timeoutMs: 60_000, signal: options.signal, platform: options.platform };
  return await withLock(join(paths.folder, '.lock'), lock, work);
}

function customCertificate(path: string): TmachineError {
  return new TmachineError(`Cannot renew "${path}": it was named on the command line, and is not ours to replace`, {
    code: 'CUSTOM_CERTIFICATE',
    hint: 'renew it where it was made',
  });
}
