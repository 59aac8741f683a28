import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TmachineError } from '../errors/tmachine-error.ts';
import { makePrivateFolder, privateFile, readTextIfExists, writeFileAtomic } from '../host/files.ts';
import {
  type Authority,
  type AuthorityOptions,
  customCertificate,
  issueAuthority,
  loadOrCreateCa,
  replaceClient,
  withCertificatesLock,
} from './authority.ts';
import type { AuthorityPaths } from './authority-paths.ts';
import { authorityId, findIssuer, readCertificate, readCertificates } from './inspect.ts';
import { generateRsaKey } from './keys.ts';
import { belongs, type Pair, publicFile, readPair, replacePair } from './pair.ts';

/**
 * How far a rotation is: `authority` until the new one signs, `machines` while engines are given both, `client` once the
 * client pair is the new one's, `drop` once the old one is trusted by engines alone that were not told yet.
 */
export interface Rotation {
  readonly phase: (typeof phases)[number];
  /** `authorityId` of the authority that goes. */
  readonly old: string;
  readonly startedAt: string;
}

const phases = ['authority', 'machines', 'client', 'drop'] as const;

/** The rotation that is under way, if one is. */
export async function readRotation(folder: string): Promise<Rotation | undefined> {
  const path = stateFile(folder);
  const text = await readTextIfExists(path);
  if (text === undefined) return undefined;
  try {
    const { phase, old, startedAt } = JSON.parse(text) as Rotation;
    if (phases.includes(phase) && typeof old === 'string') return { phase, old, startedAt };
  } catch {
    // Refused below, as any text that is not a rotation.
  }
  throw new TmachineError(`Cannot read "${path}": it is not the state of a rotation`, {
    code: 'ROTATION_UNREADABLE',
    hint: `delete it, then begin again: tmachine certs rotate-ca`,
  });
}

/**
 * Begins a rotation, or goes on with the one under way: from here on a new authority signs, and both are trusted. Its
 * certificate comes first in `ca.pem`, because it is the one that belongs to `ca-key.pem`.
 *
 * @throws TmachineError as `loadOrCreateAuthority`; `CUSTOM_CERTIFICATE`, `ROTATION_UNREADABLE`.
 */
export async function beginRotation(paths: AuthorityPaths, options: AuthorityOptions): Promise<Rotation> {
  if (paths.ca.isCustom) throw customCertificate(paths.ca.cert);
  if (paths.client.isCustom) throw customCertificate(paths.client.cert);
  return await withCertificatesLock(paths, options, async () => {
    const ca = await loadOrCreateCa(paths, options);
    const idNow = authorityId(readCertificate(ca.certPem, paths.ca.cert));
    const begun = await readRotation(paths.folder);
    // The old one signs again where somebody has brought it back from a copy: that begins anew.
    if (begun !== undefined && begun.phase !== 'authority' && begun.old !== idNow) return begun;
    const startedAt = begun?.startedAt ?? options.now.toISOString();
    const rotation = { phase: 'authority', old: begun?.old ?? idNow, startedAt } as const;
    await writeRotation(paths.folder, rotation);
    if (idNow === rotation.old) await replacePair(paths.ca, await issueSuccessor(ca, options));
    const next = { ...rotation, phase: 'machines' } as const;
    await writeRotation(paths.folder, next);
    return next;
  });
}

/** Has the new authority sign the client pair, once every engine that can be reached trusts it. */
export async function rotateClient(paths: AuthorityPaths, options: AuthorityOptions): Promise<Authority> {
  return await withCertificatesLock(paths, options, async () => {
    const ca = await loadOrCreateCa(paths, options);
    const present = await readPair(paths.client);
    const authority = readCertificate(ca.certPem, paths.ca.cert);
    const client =
      present !== undefined && isSignedBy(present, authority) ? present : await replaceClient(paths, ca, options);
    const rotation = await readRotation(paths.folder);
    if (rotation?.phase === 'machines') await writeRotation(paths.folder, { ...rotation, phase: 'client' });
    return { ca, client };
  });
}

/** Drops the old authority: what it signed is refused from here on, by this computer and by engines that are told. */
export async function dropOldAuthority(paths: AuthorityPaths, options: AuthorityOptions): Promise<void> {
  await withCertificatesLock(paths, options, async () => {
    const rotation = await readRotation(paths.folder);
    if (rotation === undefined) return;
    const { certPem } = await loadOrCreateCa(paths, options);
    const left = readCertificates(certPem, paths.ca.cert).filter((each) => authorityId(each) !== rotation.old);
    if (left.length === 0)
      throw new TmachineError(`Cannot drop the old authority: "${paths.ca.cert}" holds no other`, {
        code: 'ROTATION_UNREADABLE',
        hint: 'begin again: tmachine certs rotate-ca',
      });
    await writeFileAtomic(paths.ca.cert, left.map(String).join(''), publicFile);
    await writeRotation(paths.folder, { ...rotation, phase: 'drop' });
  });
}

/** Ends a rotation: nothing is left to do. */
export async function endRotation(folder: string): Promise<void> {
  await rm(stateFile(folder), { force: true });
}

/** Another name than the old one's: verifiers look for an issuer by name before they look at keys. */
async function issueSuccessor(old: Pair, options: AuthorityOptions): Promise<Pair> {
  const keyPem = (await generateRsaKey()).privateKeyPem;
  const user = `${options.user}.<authority ${options.now.toISOString().slice(0, 19)}Z>`;
  return { keyPem, certPem: `${await issueAuthority(keyPem, { ...options, user })}${old.certPem}` };
}

function isSignedBy(pair: Pair, authority: Parameters<typeof authorityId>[0]): boolean {
  try {
    return (
      belongs(pair.keyPem, pair.certPem) && findIssuer(readCertificate(pair.certPem, ''), [authority]) !== undefined
    );
  } catch {
    return false;
  }
}

async function writeRotation(folder: string, rotation: Rotation): Promise<void> {
  await makePrivateFolder(folder);
  await writeFileAtomic(stateFile(folder), `${JSON.stringify(rotation, null, 2)}\n`, privateFile);
}

function stateFile(folder: string): string {
  return join(folder, 'rotation.json');
}
