import { createHash, X509Certificate } from 'node:crypto';
import { TmachineError } from '../errors/tmachine-error.ts';

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
  return factsOf(readCertificate(pem, source));
}

/** The facts of a certificate that is read already. */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  const names = parseAltNames(certificate.subjectAltName);
  return {
    organization: unescapeName(/^O=(.*)$/m.exec(certificate.subject)?.[1] ?? certificate.subject),
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
    throw unreadable(source, begins(pem) > 0 ? 'it is cut off or damaged' : 'it holds no certificate in PEM', error);
  }
}

/**
 * All certificates of a PEM, in its order; the file of an authority holds two while one authority takes over from another.
 *
 * @throws TmachineError `CERTIFICATE_UNREADABLE` where there is none, or one of them is damaged.
 */
export function readCertificates(pem: string, source: string): readonly X509Certificate[] {
  const blocks =
    pem.match(/-----BEGIN ([A-Z0-9]+ )?CERTIFICATE-----[\s\S]*?-----END ([A-Z0-9]+ )?CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return [readCertificate(pem, source)];
  if (blocks.length !== begins(pem)) throw unreadable(source, 'it is cut off or damaged', undefined);
  return blocks.map((block) => readCertificate(block, source));
}

/** The authority among several that signed a certificate, by name and by signature. */
export function findIssuer(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
): X509Certificate | undefined {
  return authorities.find((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
}

/** What an authority keeps when its certificate is renewed: SHA-256 of its public key, in hexadecimal. */
export function authorityId(authority: X509Certificate): string {
  const key = authority.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('hex');
}

/** Whole days until a certificate expires; negative when it has. */
export function daysLeft(facts: Pick<CertificateFacts, 'notAfter'>, now: Date): number {
  return Math.floor((facts.notAfter.getTime() - now.getTime()) / 86_400_000);
}

function begins(pem: string): number {
  return pem.match(/-----BEGIN ([A-Z0-9]+ )?CERTIFICATE-----/g)?.length ?? 0;
}

function unreadable(source: string, reason: string, cause: unknown): TmachineError {
  return new TmachineError(`Cannot read the certificate "${source}": ${reason}`, {
    code: 'CERTIFICATE_UNREADABLE',
    hint: 'bring the file back from a copy; "tmachine certs status" names every certificate that is not as it should be',
    cause,
  });
}

/** RFC 2253 wants a backslash before these, and Node writes names that way. */
function unescapeName(name: string): string {
  return name.replace(/\\([ "#+,;<=>\\])/g, '$1');
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
