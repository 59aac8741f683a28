import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { factsOf, findIssuer, readCertificates } from '../certs/inspect.ts';
import { formatNameMismatch, formatValidityError, unknownAuthority } from './go-wording.ts';
import type { TlsFailure } from './tls-outcome.ts';

/** Whether a PEM can be read, every certificate of it. Without this test Node takes an empty authority for "trust what the system trusts". */
export function isCertificate(pem: string): boolean {
  try {
    return readCertificates(pem, '').length > 0;
  } catch {
    return false;
  }
}

/** What a server's certificate is measured by. */
export interface CertificateExpectation {
  readonly host: string;
  readonly caPem: string;
  /** OpenSSL's verdict on the chain, such as `UNABLE_TO_VERIFY_LEAF_SIGNATURE`; nothing when it is good. */
  readonly chainError: string | undefined;
  readonly now: Date;
}

/** What is wrong with a server's certificate, in the order in which Go looks: dates, name, authority. */
export function judgeCertificate(
  certificate: X509Certificate | undefined,
  expected: CertificateExpectation,
): TlsFailure | undefined {
  const { host, chainError, now } = expected;
  if (certificate === undefined) return { outcome: 'not-tls', message: 'tls: the server sent no certificate' };
  const untimely = judgeDates(certificate, now);
  if (untimely !== undefined) return untimely;
  const isNamed =
    isIP(host) === 0
      ? certificate.checkHost(host, { subject: 'never', partialWildcards: false })
      : certificate.checkIP(host);
  if (isNamed === undefined)
    return { outcome: 'name-mismatch', message: formatNameMismatch(host, factsOf(certificate)) };
  if (chainError === undefined) return undefined;
  const expiredAuthority = /EXPIRED|NOT_YET_VALID/.test(chainError) ? judgeAuthority(certificate, expected) : undefined;
  return expiredAuthority ?? { outcome: 'unknown-authority', message: unknownAuthority };
}

/** What tells whose clock is wrong. */
export interface ClockEvidence {
  readonly certificate: X509Certificate | undefined;
  readonly caPem: string;
  readonly engineTime: Date | undefined;
  readonly now: Date;
}

/** A certificate that is good by the engine's clock and bad by ours: one of the two clocks is wrong. */
export function blameClock(failure: TlsFailure, { certificate, caPem, engineTime, now }: ClockEvidence): TlsFailure {
  if (engineTime === undefined || certificate === undefined) return failure;
  const authority = authorityOf(certificate, caPem);
  const chain = authority === undefined ? [certificate] : [certificate, authority];
  const suspects = chain.filter((link) => judgeDates(link, now) !== undefined);
  if (suspects.some((link) => judgeDates(link, engineTime) !== undefined)) return failure;
  const hint = `the engine says it is ${engineTime.toISOString()}: set the clock of this computer, or that of the machine`;
  return { outcome: 'clock-skew', message: failure.message, hint };
}

function judgeAuthority(certificate: X509Certificate, expected: CertificateExpectation): TlsFailure | undefined {
  const authority = authorityOf(certificate, expected.caPem);
  const failure = authority === undefined ? undefined : judgeDates(authority, expected.now);
  const hint = 'the certificate of the authority itself (ca.pem): tmachine certs renew --all';
  return failure === undefined ? undefined : { ...failure, hint };
}

/** Of several authorities the one that signed; without one that did, the first. */
function authorityOf(certificate: X509Certificate, caPem: string): X509Certificate | undefined {
  const authorities = readCertificates(caPem, 'ca.pem');
  return findIssuer(certificate, authorities) ?? authorities[0];
}

function judgeDates(certificate: X509Certificate, now: Date): TlsFailure | undefined {
  const validity = factsOf(certificate);
  if (now < validity.notBefore) return { outcome: 'not-yet-valid', message: formatValidityError(now, validity) };
  if (now > validity.notAfter) return { outcome: 'expired', message: formatValidityError(now, validity) };
  return undefined;
}
