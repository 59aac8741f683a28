import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type CertificateNames, formatNameMismatch, formatValidityError, unknownAuthority } from './go-wording.ts';
import type { TlsFailure } from './tls-outcome.ts';

/** Whether a PEM can be read. Without this test Node takes an empty authority for "trust what the system trusts". */
export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
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
    return { outcome: 'name-mismatch', message: formatNameMismatch(host, namesOf(certificate)) };
  if (chainError === undefined) return undefined;
  const expiredAuthority = /EXPIRED|NOT_YET_VALID/.test(chainError) ? judgeAuthority(expected) : undefined;
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
  const chain = [certificate, new X509Certificate(caPem)];
  const suspects = chain.filter((link) => judgeDates(link, now) !== undefined);
  if (suspects.some((link) => judgeDates(link, engineTime) !== undefined)) return failure;
  const hint = `the engine says it is ${engineTime.toISOString()}: set the clock of this computer, or that of the machine`;
  return { outcome: 'clock-skew', message: failure.message, hint };
}

function judgeAuthority(expected: CertificateExpectation): TlsFailure | undefined {
  const failure = judgeDates(new X509Certificate(expected.caPem), expected.now);
  return failure === undefined ? undefined : { ...failure, hint: 'the certificate of the authority itself (ca.pem)' };
}

function judgeDates(certificate: X509Certificate, now: Date): TlsFailure | undefined {
  const validity = { notBefore: new Date(certificate.validFrom), notAfter: new Date(certificate.validTo) };
  if (now < validity.notBefore) return { outcome: 'not-yet-valid', message: formatValidityError(now, validity) };
  if (now > validity.notAfter) return { outcome: 'expired', message: formatValidityError(now, validity) };
  return undefined;
}

/** Node's text of the extension, such as `DNS:localhost, IP Address:10.0.0.1`, as two lists. */
function namesOf(certificate: X509Certificate): CertificateNames {
  const entries = certificate.subjectAltName?.split(', ') ?? [];
  const valuesOf = (prefix: string): readonly string[] =>
    entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length));
  return { addresses: valuesOf('IP Address:'), dnsNames: valuesOf('DNS:') };
}
