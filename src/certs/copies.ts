import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { privateFile, readTextIfExists, writeFileAtomic } from '../host/files.ts';
import { findIssuer, readCertificates } from './inspect.ts';
import { type Pair, publicFile } from './pair.ts';

/** A machine's own certificates as they lie in its folder; what is missing there is missing here. */
export interface MachineTexts {
  readonly serverCert?: string | undefined;
  readonly serverKey?: string | undefined;
  /** The copies that the Docker CLI is shown. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** What the engine was last given as authorities; missing where docker-machine or an older tmachine gave it. */
  readonly engineCa?: string | undefined;
}

/** A copy and what it should be. */
export interface Copy {
  readonly file: 'ca.pem' | 'key.pem' | 'cert.pem';
  readonly content: string;
}

const files = {
  serverCert: 'server.pem',
  serverKey: 'server-key.pem',
  ca: 'ca.pem',
  cert: 'cert.pem',
  key: 'key.pem',
  engineCa: 'engine-ca.pem',
} as const;

/** Reads all of a machine's certificates. */
export async function readMachineTexts(folder: string): Promise<MachineTexts> {
  const entries = Object.entries(files).map(async ([key, file]) => [key, await readTextIfExists(join(folder, file))]);
  return Object.fromEntries(await Promise.all(entries));
}

/** What copies are made of; the authority's key is none of their business. */
interface Originals {
  readonly ca: Pick<Pair, 'certPem'>;
  readonly client: Pair;
}

/**
 * The copies that are not what they should be. An engine that has not heard of a new authority needs the old files: the
 * client pair only changes where the engine knows who signed the new one, `ca.pem` only where it holds who signed the
 * engine's own certificate.
 */
export function staleCopies(authority: Originals, own: MachineTexts): readonly Copy[] {
  const authorities = readAll(authority.ca.certPem);
  const server = readAll(own.serverCert)[0];
  const trusted =
    own.engineCa === undefined ? signersOf(server, [...authorities, ...readAll(own.ca)]) : readAll(own.engineCa);
  const client = readAll(authority.client.certPem)[0];
  const takesCa = server === undefined || findIssuer(server, authorities) !== undefined;
  const takesClient = client !== undefined && (server === undefined || findIssuer(client, trusted) !== undefined);
  const copies: readonly Copy[] = [
    ...(takesCa ? [{ file: 'ca.pem', content: authority.ca.certPem } as const] : []),
    ...(takesClient ? [{ file: 'key.pem', content: authority.client.keyPem } as const] : []),
    ...(takesClient ? [{ file: 'cert.pem', content: authority.client.certPem } as const] : []),
  ];
  const present = { 'ca.pem': own.ca, 'key.pem': own.key, 'cert.pem': own.cert };
  return copies.filter(({ file, content }) => present[file] !== content);
}

/**
 * Brings a machine's copies up to date, each in one step. A machine without a server certificate of ours is somebody
 * else's engine, and so are the files there.
 *
 * @throws TmachineError `NOT_WRITABLE`, `DISK_FULL`.
 */
export async function refreshCopies(folder: string, authority: Originals): Promise<readonly Copy[]> {
  const own = await readMachineTexts(folder);
  if (own.serverCert === undefined) return [];
  const stale = staleCopies(authority, own);
  for (const { file, content } of stale)
    await writeFileAtomic(join(folder, file), content, file === 'key.pem' ? privateFile : publicFile);
  return stale;
}

function signersOf(server: X509Certificate | undefined, candidates: readonly X509Certificate[]) {
  return server === undefined ? [] : candidates.filter((each) => findIssuer(server, [each]) !== undefined);
}

/** The certificates of a text, none where it cannot be read. */
export function readAll(pem: string | undefined): readonly X509Certificate[] {
  if (pem === undefined) return [];
  try {
    return readCertificates(pem, '');
  } catch {
    return [];
  }
}
