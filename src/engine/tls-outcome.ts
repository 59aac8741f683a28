/** Why an engine cannot be used over TLS. */
type TlsFailureKind =
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'unreachable'
  | 'not-tls'
  | 'name-mismatch'
  | 'expired'
  | 'not-yet-valid'
  | 'clock-skew'
  | 'unknown-authority'
  | 'client-refused'
  | 'client-unusable'
  | 'engine-error';

/** A failed check: `message` in Go's words where Go has words for it, `hint` when we know more. */
export interface TlsFailure {
  readonly outcome: TlsFailureKind;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** An engine that accepted us and that we accept. */
interface TlsSuccess {
  readonly outcome: 'ok';
  /** What the engine calls itself, such as `26.1.5`; missing when it was not asked, or did not say. */
  readonly engineVersion?: string | undefined;
  /** The newest version of the API it speaks, such as `1.45`; missing like `engineVersion`. */
  readonly apiVersion?: string | undefined;
  /** SHA-256 of its certificate, as `X509Certificate.fingerprint256` writes it. */
  readonly fingerprint: string;
}

/** The result of one check. */
export type TlsCheck = TlsSuccess | TlsFailure;

/** Whether waiting can help: an engine that is still starting looks like this. */
export function isTransient(check: TlsCheck): boolean {
  return ['refused', 'reset', 'timeout', 'unreachable'].includes(check.outcome);
}

/** Whether the certificates are to blame, so that making new ones can help. */
export function isCertificateFailure(check: TlsCheck): boolean {
  return [
    'name-mismatch',
    'expired',
    'not-yet-valid',
    'unknown-authority',
    'client-refused',
    'client-unusable',
  ].includes(check.outcome);
}
