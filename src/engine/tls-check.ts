import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { messageOf } from '../errors/tmachine-error.ts';
import { explainSocketError, resetOf, type Stage, timeoutOf } from './explain-socket-error.ts';
import { blameClock, isCertificate, judgeCertificate } from './judge-certificate.ts';
import { formatPing, type PingAnswer, parsePing } from './ping.ts';
import type { ShareSecureContext } from './secure-context.ts';
import type { TlsCheck, TlsFailure } from './tls-outcome.ts';

/** An engine behind mutual TLS; certificates and key are PEM text. */
export interface TlsTarget {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Where several connections have the same files. */
  readonly share?: ShareSecureContext | undefined;
}

/** `now` is what this computer takes for the time. */
export interface TlsCheckOptions {
  readonly timeoutMs: number;
  readonly now: Date;
  readonly signal: AbortSignal;
  /** Whether the engine must answer a request too; else being let in is enough. */
  readonly wantsAnswer?: boolean | undefined;
}

/**
 * One attempt to reach an engine: do we trust it, and does it trust us? Every failure that can be foreseen is a
 * value; it rejects only when `signal` is aborted.
 */
export async function checkTls(target: TlsTarget, options: TlsCheckOptions): Promise<TlsCheck> {
  const first = await attempt(target, { ...options, sendsPing: true });
  if (first.check.outcome !== 'reset' || first.stage !== 'answer') return first.check;
  // The engine closed on us while we were writing, and a reset can overtake the alert that says why: listen only.
  const timeoutMs = Math.min(options.timeoutMs, 1000);
  const second = await attempt(target, { ...options, timeoutMs, sendsPing: false });
  return ['client-refused', 'clock-skew'].includes(second.check.outcome) ? second.check : first.check;
}

interface Attempt {
  readonly check: TlsCheck;
  /** How far it came. */
  readonly stage: Stage;
}

async function attempt(target: TlsTarget, options: TlsCheckOptions & { sendsPing: boolean }): Promise<Attempt> {
  options.signal.throwIfAborted();
  const socket = openSocket(target);
  if ('outcome' in socket) return { check: socket, stage: 'connect' };
  const deadline = setTimeout(() => socket.emit('timeout'), options.timeoutMs);
  const abort = (): unknown => socket.destroy(options.signal.reason as Error);
  options.signal.addEventListener('abort', abort, { once: true });
  try {
    const attempted = await converse(socket, target, options);
    options.signal.throwIfAborted();
    return attempted;
  } finally {
    clearTimeout(deadline);
    options.signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

function openSocket(target: TlsTarget): TLSSocket | TlsFailure {
  const { host, port, ca, cert, key, share } = target;
  if (!isCertificate(ca))
    return { outcome: 'client-unusable', message: 'tls: the certificate of the authority (ca.pem) is unreadable' };
  try {
    return connect({
      ...{ host, port },
      ...(share === undefined ? { ca, cert, key } : { secureContext: share(target) }),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // judgeCertificate() decides before a byte is believed: OpenSSL alone would name only its first objection.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
  } catch (error) {
    return { outcome: 'client-unusable', message: `tls: ${messageOf(error)}` };
  }
}

/** Resolves with the first thing that decides the attempt. */
function converse(
  socket: TLSSocket,
  target: TlsTarget,
  { now, sendsPing, wantsAnswer = false }: Pick<TlsCheckOptions, 'now' | 'wantsAnswer'> & { sendsPing: boolean },
): Promise<Attempt> {
  return new Promise((resolve) => {
    let stage: Stage = 'connect';
    let verdict: TlsFailure | undefined;
    let received = '';
    let certificate: ReturnType<TLSSocket['getPeerX509Certificate']>;
    const settle = (check: TlsCheck): void => resolve({ check, stage });
    socket.once('connect', () => {
      stage = 'handshake';
    });
    socket.once('secureConnect', () => {
      stage = 'answer';
      certificate = socket.getPeerX509Certificate();
      // Typed as an Error, but a string at run time.
      const chainError = socket.authorized ? undefined : String(socket.authorizationError);
      verdict = judgeCertificate(certificate, { host: target.host, caPem: target.ca, chainError, now });
      // Who is right about the time is worth a question; the other verdicts are final.
      if (verdict !== undefined && !['expired', 'not-yet-valid'].includes(verdict.outcome)) return settle(verdict);
      if (sendsPing) socket.write(formatPing(target.host));
    });
    // TLS 1.3 (RFC 8446, 4.6.1): a server that asked for our certificate gives tickets only once it has accepted it.
    socket.on('session', () => {
      if (!wantsAnswer && verdict === undefined && certificate !== undefined && socket.getProtocol() === 'TLSv1.3')
        settle({ outcome: 'ok', fingerprint: certificate.fingerprint256 });
    });
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const answer = parsePing(received);
      if (answer === 'incomplete') return;
      settle(
        verdict === undefined
          ? readAnswer(answer, certificate?.fingerprint256 ?? '')
          : blameClock(verdict, { certificate, caPem: target.ca, engineTime: dateOf(answer), now }),
      );
    });
    socket.on('timeout', () => settle(verdict ?? timeoutOf(target, stage)));
    socket.on('error', (error) => settle(verdict ?? explainSocketError(error, { target, stage, now })));
    socket.once('close', () => settle(verdict ?? resetOf(target)));
  });
}

function readAnswer(answer: PingAnswer | 'invalid', fingerprint: string): TlsCheck {
  if (answer === 'invalid') return { outcome: 'engine-error', message: 'malformed HTTP response' };
  if (answer.status !== 200)
    return { outcome: 'engine-error', message: `the engine answered GET /_ping with status ${answer.status}` };
  return { outcome: 'ok', fingerprint, engineVersion: answer.engineVersion, apiVersion: answer.apiVersion };
}

function dateOf(answer: PingAnswer | 'invalid'): Date | undefined {
  return answer === 'invalid' ? undefined : answer.date;
}
