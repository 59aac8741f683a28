import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { privateFile, writeFileAtomic } from '../host/files.ts';
import type { Authority } from './authority.ts';
import { isCertificateName } from './extensions.ts';
import { issueCertificate, planValidity } from './issue.ts';
import { generateServerKey, readPrivateKey } from './keys.ts';
import { type Pair, publicFile } from './pair.ts';

/** What a server certificate is made for. */
export interface ServerCertificateRequest {
  readonly user: string;
  readonly machine: string;
  /** IP addresses (or host names) under which the engine is reached. */
  readonly addresses: readonly string[];
  /** Values of `--tls-san`: IP addresses or DNS names. */
  readonly extraNames: readonly string[];
  readonly now: Date;
}

/**
 * The names of a server certificate: its addresses, this computer's own names for itself, the machine, `--tls-san`.
 * A machine whose name is no DNS name, such as `a..b`, is left out: Go would refuse the whole certificate.
 */
function planServerNames(
  request: Pick<ServerCertificateRequest, 'machine' | 'addresses' | 'extraNames'>,
): readonly string[] {
  const machine = isCertificateName(request.machine) ? [request.machine] : [];
  const names = [...request.addresses, '127.0.0.1', 'localhost', ...machine, ...request.extraNames];
  return [...new Set(names.filter((name) => name !== ''))];
}

/**
 * A new server key and certificate for one machine.
 *
 * @throws TmachineError `INVALID_CERTIFICATE_NAME`, `UNSUPPORTED_KEY`, `KEY_UNREADABLE`.
 */
export async function issueServerCertificate(ca: Pair, request: ServerCertificateRequest): Promise<Pair> {
  const key = await generateServerKey();
  const certPem = await issueCertificate(
    {
      usage: 'server',
      organization: `${request.user}.${request.machine}`,
      names: planServerNames(request),
      publicKey: key.publicKey,
      serial: randomBytes(16),
      ...planValidity(request.now),
    },
    { privateKey: readPrivateKey(ca.keyPem, 'ca-key.pem'), certificatePem: ca.certPem },
  );
  return { certPem, keyPem: key.privateKeyPem };
}

/**
 * Issues the server pair and lays it in the machine's folder with all that belongs to it, for a machine that is about
 * to be made.
 */
export async function writeMachineCertificates(
  folder: string,
  authority: Authority,
  request: ServerCertificateRequest,
): Promise<Pair> {
  const server = await issueServerCertificate(authority.ca, request);
  await keepMachineCertificates(folder, authority, server);
  return server;
}

/**
 * Keeps what an engine was given: `server.pem` and `server-key.pem`, copies of `ca.pem`, `cert.pem` and `key.pem`, and in
 * `engine-ca.pem` whom the engine trusts from now on.
 */
export async function keepMachineCertificates(folder: string, authority: Authority, server: Pair): Promise<void> {
  await writeFileAtomic(join(folder, 'server-key.pem'), server.keyPem, privateFile);
  await writeFileAtomic(join(folder, 'server.pem'), server.certPem, publicFile);
  await writeFileAtomic(join(folder, 'engine-ca.pem'), authority.ca.certPem, publicFile);
  await writeFileAtomic(join(folder, 'ca.pem'), authority.ca.certPem, publicFile);
  await writeFileAtomic(join(folder, 'key.pem'), authority.client.keyPem, privateFile);
  await writeFileAtomic(join(folder, 'cert.pem'), authority.client.certPem, publicFile);
}
