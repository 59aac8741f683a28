import type { SshFailureCode } from './failures.ts';

/** What OpenSSH's own messages say went wrong. */
export interface ExternalFailure {
  readonly code: SshFailureCode;
  /** The message that says it best, where there is one. */
  readonly detail: string | undefined;
  /** Fingerprint of the host key shown, where a wrong one is the cause. */
  readonly shownFingerprint?: string | undefined;
}

const patterns: readonly (readonly [RegExp, SshFailureCode])[] = [
  [/HOST IDENTIFICATION HAS CHANGED|Host key verification failed|requested strict checking/i, 'HOST_KEY_CHANGED'],
  [/UNPROTECTED PRIVATE KEY|Load key ".*"|Identity file .* not accessible|no such identity/i, 'SSH_KEY_UNUSABLE'],
  [/Permission denied \(|Too many authentication failures/, 'SSH_AUTH_REJECTED'],
  [/Connection refused/, 'SSH_REFUSED'],
  [/Connection timed out|Operation timed out|banner exchange.*timed out/i, 'SSH_TIMED_OUT'],
  [/No route to host|Network is unreachable|Could not resolve hostname|Name or service not known/, 'SSH_UNREACHABLE'],
  [/no matching|Bad packet length|Invalid SSH identification|protocol/i, 'SSH_PROTOCOL'],
];

const noise =
  /^\s*$|^debug\d:|^(OpenSSH_|Authenticated to|Authenticating to|Transferred:|Bytes per second|Warning: Permanently added)/;

/**
 * The failure in a log that OpenSSH wrote at level DEBUG1 before it ended with 255; nothing when the remote command had
 * ended by then, because then the failure is the command's.
 */
export function parseExternalLog(log: string): ExternalFailure | undefined {
  if (/^debug1: .* rtype exit-(status|signal) /m.test(log)) return undefined;
  const lines = log.split(/\r?\n/).filter((line) => !noise.test(line));
  for (const [pattern, code] of patterns) {
    const detail = lines.find((line) => pattern.test(line));
    if (detail === undefined) continue;
    return { code, detail, shownFingerprint: /Server host key: \S+ (SHA256:[\w+/]{43})/.exec(log)?.[1] };
  }
  return { code: 'SSH_CONNECTION_LOST', detail: lines.at(-1) };
}
