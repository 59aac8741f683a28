import type { SshFailureCode } from './failures.ts';

/** What OpenSSH's own messages say went wrong. */
export interface ExternalFailure {
  readonly code: SshFailureCode;
  /** The message that says it best. */
  readonly detail: string;
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

/** The failure in a log of OpenSSH; nothing when the log is empty, because then the remote command failed. */
export function parseExternalLog(log: string): ExternalFailure | undefined {
  const lines = log.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) return undefined;
  for (const [pattern, code] of patterns) {
    const detail = lines.find((line) => pattern.test(line));
    if (detail !== undefined) return { code, detail, shownFingerprint: /SHA256:[A-Za-z0-9+/]{43}/.exec(log)?.[0] };
  }
  return { code: 'SSH_CONNECTION_LOST', detail: lines.at(-1) ?? '' };
}
