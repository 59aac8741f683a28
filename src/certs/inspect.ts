import { X509Certificate } from 'node:crypto';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';

/** What a certificate says about itself. */
export interface CertificateFacts {
  /** The `O=` of the subject, or its whole text when there is none. */
  readonly organization: string;
  /** IP addresses it is valid for, in its own order. */
  readonly addresses: readonly string[];
  /** DNS names it is valid for, in its own order. */
  readonly dnsNames: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
  /** SHA-256 of the certificate in upper-case hexadecimal with colons. */
  readonly fingerprint: string;
}

/**
 * The facts of the first certificate in a PEM. `source` names it in the error.
 *
 * @throws TmachineError `CERTIFICATE_UNREADABLE`.
 */
export function inspectCertificate(pem: string, source: string): CertificateFacts {
  const certificate = readCertificate(pem, source);
  const names = parseAltNames(certificate.subjectAltName);
  return {
    organization: /^O=(.*)$/m.exec(certificate.subject)?.[1] ?? certificate.subject,
    ...names,
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
    isAuthority: certificate.ca,
    fingerprint: certificate.fingerprint256,
  };
}

/**
 * A PEM as Node's certificate object. `source` names it in the error.
 *
 * @throws TmachineError `CERTIFICATE_UNREADABLE`.
 */
export function readCertificate(pem: string, source: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new TmachineError(`Cannot read the certificate "${source}": ${messageOf(error)}`, {
      code: 'CERTIFICATE_UNREADABLE',
      cause: error,
    });
  }
}

/** Whole days until a certificate expires; negative when it has. */
export function daysLeft(facts: Pick<CertificateFacts, 'notAfter'>, now: Date): number {
  return Math.floor((facts.notAfter.getTime() - now.getTime()) / 86_400_000);
}

/** Names in Node's text of the extension, such as `DNS:localhost, IP Address:10.0.0.1`. */
function parseAltNames(text: string | undefined): Pick<CertificateFacts, 'addresses' | 'dnsNames'> {
  const entries = text?.split(', ') ?? [];
  const valuesOf = (prefix: string): readonly string[] =>
    entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length));
  return { addresses: valuesOf('IP Address:').map(compressIpv6), dnsNames: valuesOf('DNS:') };
}

/** OpenSSL writes `0:0:0:0:0:0:0:1` where everyone else writes `::1`. */
function compressIpv6(address: string): string {
  if (!address.includes(':')) return address;
  const [, host] = /^\[(.*)\]$/.exec(new URL(`http://[${address}]`).hostname) ?? [];
  return host ?? address;
}
