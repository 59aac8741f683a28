import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { formatCertificateAlert, notTls } from './go-wording.ts';
import { isCertificate } from './judge-certificate.ts';
import type { TlsFailure } from './tls-outcome.ts';

/** How far a connection came: dialling, TLS handshake, waiting for the answer. */
export type Stage = 'connect' | 'handshake' | 'answer';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where and when a connection broke; `cert` is the client certificate as PEM. */
export interface Circumstances {
  readonly target: Address & { readonly cert: string };
  readonly stage: Stage;
  readonly now: Date;
}

/** What an error of a TLS socket means for the user. */
export function explainSocketError(error: Error, { target, stage, now }: Circumstances): TlsFailure {
  // The error of an aborted signal has a number here.
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const alert = formatCertificateAlert(code);
  if (alert !== undefined) return explainAlert(alert, target.cert, now);
  const dial = `dial tcp ${formatAddress(target)}`;
  if (code === 'ECONNREFUSED') return { outcome: 'refused', message: `${dial}: connect: connection refused` };
  if (code === 'ETIMEDOUT') return timeoutOf(target, stage);
  if (code === 'ECONNRESET' || code === 'EPIPE') return resetOf(target);
  if (isPlainText(code)) return { outcome: 'not-tls', message: notTls };
  if (code.startsWith('ERR_SSL_')) return { outcome: 'not-tls', message: `tls: ${error.message}` };
  return { outcome: 'unreachable', message: `${dial}: ${error.message}` };
}

/** A connection the other side dropped without a word. */
export function resetOf(target: Address): TlsFailure {
  return { outcome: 'reset', message: `read tcp ${formatAddress(target)}: connection reset by peer` };
}

/** A connection that ran out of time. */
export function timeoutOf(target: Address, stage: Stage): TlsFailure {
  const message = `${stage === 'connect' ? 'dial' : 'read'} tcp ${formatAddress(target)}: i/o timeout`;
  if (stage !== 'answer') return { outcome: 'timeout', message };
  return { outcome: 'timeout', message, hint: 'TLS is set up, but the engine does not answer' };
}

/** Whether our certificate is to blame or the clocks are: an engine calls a certificate expired by its own clock. */
function explainAlert(message: string, certPem: string, now: Date): TlsFailure {
  if (!isCertificate(certPem)) return { outcome: 'client-refused', message };
  const certificate = new X509Certificate(certPem);
  if (now > new Date(certificate.validTo)) {
    const hint = 'our client certificate has expired: tmachine certs renew --all';
    return { outcome: 'client-refused', message, hint };
  }
  if (!message.endsWith('expired certificate') || now < new Date(certificate.validFrom))
    return { outcome: 'client-refused', message };
  const hint = 'our certificate is valid by the clock of this computer: set that clock, or that of the machine';
  return { outcome: 'clock-skew', message, hint };
}

function isPlainText(code: string): boolean {
  return /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|HTTP_REQUEST|RECORD_LAYER_FAILURE/.test(code);
}

function formatAddress({ host, port }: Address): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
