import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { messageOf } from '../errors/tmachine-error.ts';
import { renewBelowDays } from './authority.ts';
import { type MachineTexts, readAll } from './copies.ts';
import { authorityId, type CertificateFacts, daysLeft, factsOf, findIssuer, readCertificates } from './inspect.ts';
import { belongs } from './pair.ts';

/** What is not as it should be with a certificate. Of `due` alone it can be said that nothing is wrong yet. */
export interface CertificateProblem {
  readonly code:
    | 'missing'
    | 'unreadable'
    | 'key-mismatch'
    | 'expired'
    | 'not-yet-valid'
    | 'due'
    | 'other-authority'
    | 'engine-authorities'
    | 'address-missing'
    | 'stale-copy'
    | 'loose-mode'
    | 'engine'
    | 'machine';
  readonly text: string;
}

/** A certificate as somebody has it, and what is wrong with it. */
export interface Assessment {
  readonly facts: CertificateFacts | undefined;
  readonly problems: readonly CertificateProblem[];
}

/** A certificate with its key, as text, and whose signature it should have. */
export interface AssessedPair {
  readonly certPem: string | undefined;
  readonly keyPem: string | undefined;
  /** For messages: how the two files are called. */
  readonly cert: string;
  readonly key: string;
  /** The text of `ca.pem`; missing for the authority itself. */
  readonly caPem?: string | undefined;
}

/** Looks at one certificate by itself: readable, in its dates, with its key and the right signature. */
export function assessPair(pair: AssessedPair, now: Date): Assessment {
  const { certPem, keyPem, cert, key, caPem } = pair;
  if (certPem === undefined)
    return { facts: undefined, problems: [{ code: 'missing', text: `${cert} does not exist` }] };
  const certificate = read(certPem, cert);
  if (typeof certificate === 'string')
    return { facts: undefined, problems: [{ code: 'unreadable', text: certificate }] };
  const facts = factsOf(certificate);
  const problems: CertificateProblem[] = [...judgeDates(facts, now)];
  if (keyPem === undefined) problems.push({ code: 'missing', text: `${key} does not exist` });
  else if (!belongs(keyPem, certPem)) problems.push({ code: 'key-mismatch', text: `${key} is not its key` });
  if (caPem !== undefined && findIssuer(certificate, readAll(caPem)) === undefined)
    problems.push({ code: 'other-authority', text: 'signed by another authority than ca.pem' });
  return { facts, problems };
}

/** What a machine's server certificate is measured by. */
export interface ServerExpectation {
  readonly caPem: string;
  readonly isRotating: boolean;
  readonly now: Date;
  /** Where the engine is reached, if that is known. */
  readonly address?: string | undefined;
}

/** Looks at a machine's server certificate, and at whom its engine trusts. Each problem goes with a new certificate. */
export function assessServer(own: MachineTexts, expected: ServerExpectation): Assessment {
  const { caPem, isRotating, now, address } = expected;
  const pair = { certPem: own.serverCert, keyPem: own.serverKey, cert: 'server.pem', key: 'server-key.pem', caPem };
  const { facts, problems } = assessPair(pair, now);
  if (facts === undefined) return { facts, problems };
  const more: CertificateProblem[] = [];
  const server = readAll(own.serverCert)[0];
  const [first] = readAll(caPem);
  const isOlder =
    isRotating && server !== undefined && first !== undefined && findIssuer(server, [first]) === undefined;
  if (isOlder) more.push({ code: 'engine-authorities', text: 'signed by the authority that is being replaced' });
  else if (!trustsUs(own, { facts, ...expected }))
    more.push({ code: 'engine-authorities', text: 'its engine was not told of the authorities in ca.pem' });
  if (address !== undefined && !names(facts, address))
    more.push({ code: 'address-missing', text: `not valid for ${address}` });
  return { facts, problems: [...problems, ...more] };
}

/** Whether a machine's engine shows a certificate of the authority that signs now, and trusts it. A folder without any has no engine. */
export function hasAuthority(own: MachineTexts, caPem: string): boolean {
  if (own.serverCert === undefined && own.engineCa === undefined) return true;
  const [signing] = readAll(caPem);
  const [server] = readAll(own.serverCert);
  if (signing === undefined || server === undefined) return false;
  return (
    findIssuer(server, [signing]) !== undefined &&
    readAll(own.engineCa).some((each) => authorityId(each) === authorityId(signing))
  );
}

/** Engines keep the certificate of an authority, which runs out there even when it was renewed here. */
function trustsUs(
  own: MachineTexts,
  { facts, caPem, isRotating, now }: ServerExpectation & { facts: CertificateFacts },
) {
  const ours = readAll(caPem);
  if (own.engineCa === undefined) {
    const isOlder = ours.some((authority) => new Date(authority.validFrom) > facts.notBefore);
    return !isRotating && !isOlder;
  }
  const theirs = readAll(own.engineCa);
  const isSame = ids(ours).join() === ids(theirs).join();
  return isSame && theirs.every((authority) => isRotating || daysLeft(factsOf(authority), now) >= renewBelowDays);
}

function ids(authorities: readonly X509Certificate[]): readonly string[] {
  return authorities.map(authorityId).sort();
}

function names(facts: CertificateFacts, host: string): boolean {
  return (isIP(host) === 0 ? facts.dnsNames : facts.addresses).includes(host);
}

function judgeDates(facts: CertificateFacts, now: Date): readonly CertificateProblem[] {
  const day = (date: Date): string => date.toISOString().slice(0, 10);
  if (now > facts.notAfter) return [{ code: 'expired', text: `expired on ${day(facts.notAfter)}` }];
  if (now < facts.notBefore)
    return [{ code: 'not-yet-valid', text: `not valid before ${facts.notBefore.toISOString()}` }];
  const left = daysLeft(facts, now);
  return left < renewBelowDays ? [{ code: 'due', text: `expires in ${left} day${left === 1 ? '' : 's'}` }] : [];
}

function read(pem: string, source: string): X509Certificate | string {
  try {
    return readCertificates(pem, source)[0] ?? `${source} holds no certificate`;
  } catch (error) {
    return messageOf(error);
  }
}
