import { isIP } from 'node:net';

/** What a certificate is valid for. */
export interface CertificateNames {
  readonly addresses: readonly string[];
  readonly dnsNames: readonly string[];
}

/**
 * What Go's crypto/x509 says of a certificate that is not valid for `host`; docker-machine's users search for these words.
 * 127.0.0.1 is left out beside other addresses: every machine's certificate holds it, so it tells nothing.
 */
export function formatNameMismatch(host: string, names: CertificateNames): string {
  const isAddress = isIP(host) !== 0;
  if (isAddress && names.addresses.length === 0)
    return `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  const telling = names.addresses.filter((address) => address !== '127.0.0.1');
  const addresses = telling.length > 0 ? telling : names.addresses;
  const valid = (isAddress ? addresses : names.dnsNames).join(', ');
  if (valid === '') return `x509: certificate is not valid for any names, but wanted to match ${host}`;
  return `x509: certificate is valid for ${valid}, not ${host}`;
}

/** What Go's crypto/x509 says of a certificate outside its dates. */
export function formatValidityError(
  now: Date,
  validity: { readonly notBefore: Date; readonly notAfter: Date },
): string {
  const isEarly = now < validity.notBefore;
  const bound = isEarly ? validity.notBefore : validity.notAfter;
  const relation = `current time ${rfc3339(now)} is ${isEarly ? 'before' : 'after'} ${rfc3339(bound)}`;
  return `x509: certificate has expired or is not yet valid: ${relation}`;
}

/** What Go's crypto/x509 says of a certificate that no known authority signed. */
export const unknownAuthority = 'x509: certificate signed by unknown authority';

/** What Go's crypto/tls says when the other side does not speak TLS. */
export const notTls = 'tls: first record does not look like a TLS handshake';

/**
 * What Go's crypto/tls says of an alert the other side sent, from OpenSSL's code for it, such as
 * `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA`; nothing for a code that is no alert about certificates.
 */
export function formatCertificateAlert(code: string): string | undefined {
  const words = alerts.find(([suffix]) => code.endsWith(suffix))?.[1];
  return words === undefined ? undefined : `remote error: tls: ${words}`;
}

const alerts: readonly (readonly [suffix: string, words: string])[] = [
  ['_ALERT_BAD_CERTIFICATE', 'bad certificate'],
  ['_ALERT_UNSUPPORTED_CERTIFICATE', 'unsupported certificate'],
  ['_ALERT_CERTIFICATE_REVOKED', 'revoked certificate'],
  ['_ALERT_CERTIFICATE_EXPIRED', 'expired certificate'],
  ['_ALERT_CERTIFICATE_UNKNOWN', 'unknown certificate'],
  ['_ALERT_UNKNOWN_CA', 'unknown certificate authority'],
  ['_ALERT_ACCESS_DENIED', 'access denied'],
  ['_ALERT_CERTIFICATE_REQUIRED', 'certificate required'],
  // Before TLS 1.3 a server that misses the client's certificate can only say this.
  ['_ALERT_HANDSHAKE_FAILURE', 'handshake failure'],
];

function rfc3339(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
