import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import type { SshTarget } from './guest.ts';
import { fingerprint, type HostKey } from './known-hosts.ts';

/** Each way in which SSH itself, not the remote command, can fail. */
export type SshFailureCode =
  | 'SSH_REFUSED'
  | 'SSH_UNREACHABLE'
  | 'SSH_TIMED_OUT'
  | 'SSH_AUTH_REJECTED'
  | 'SSH_KEY_UNUSABLE'
  | 'HOST_KEY_CHANGED'
  | 'SSH_PROTOCOL'
  | 'SSH_CONNECTION_LOST';

interface FailureText {
  readonly reason: string;
  readonly hint?: string;
  /** Whether a guest that is still booting can be the cause. */
  readonly passing: boolean;
}

const failureTexts: Readonly<Record<SshFailureCode, FailureText>> = {
  SSH_REFUSED: {
    reason: 'nothing listens there',
    hint: 'the guest may still be starting, or its SSH server has stopped',
    passing: true,
  },
  SSH_UNREACHABLE: { reason: 'there is no way to this address', hint: "check the machine's address", passing: true },
  SSH_TIMED_OUT: {
    reason: 'the SSH server did not answer in time',
    hint: 'the guest may still be starting, or be out of memory',
    passing: true,
  },
  SSH_AUTH_REJECTED: {
    reason: 'the guest rejected the key',
    hint: 'the key must be in ~/.ssh/authorized_keys of this user in the guest',
    passing: false,
  },
  SSH_KEY_UNUSABLE: { reason: 'the private key cannot be used', passing: false },
  HOST_KEY_CHANGED: { reason: "the server's host key is not the one this machine had", passing: false },
  SSH_PROTOCOL: { reason: 'what answers there does not speak SSH as we do', passing: false },
  SSH_CONNECTION_LOST: { reason: 'the connection broke', hint: 'see whether the machine still runs', passing: true },
};

/** The error for a way of failing; `detail` takes the place of the usual reason. */
export function sshFailure(
  code: SshFailureCode,
  target: SshTarget,
  more: { readonly detail?: string | undefined; readonly hint?: string | undefined; readonly cause?: unknown } = {},
): TmachineError {
  const text = failureTexts[code];
  const { user, host, port } = target;
  const reason = more.detail === undefined ? text.reason : `${text.reason}: ${more.detail}`;
  return new TmachineError(`Cannot use SSH to ${user}@${host}:${port}: ${reason}`, {
    code,
    hint: more.hint ?? text.hint,
    cause: more.cause,
  });
}

/** Whether SSH itself failed; `ssh NAME` then ends with 255, as OpenSSH does. */
export function isSshFailure(error: unknown): error is TmachineError {
  return error instanceof TmachineError && Object.hasOwn(failureTexts, error.code);
}

/** Whether trying again can help, because a guest that is still starting fails like this. */
export function isPassingFailure(error: unknown): boolean {
  return isSshFailure(error) && failureTexts[error.code as SshFailureCode].passing;
}

/** The refusal of a server that showed another key than the pinned one; names both by fingerprint where known. */
export function hostKeyChanged(
  target: SshTarget,
  keys: { readonly pinned: readonly HostKey[]; readonly shown: string | undefined; readonly file: string },
): TmachineError {
  const pinned = keys.pinned.map((key) => `${fingerprint(key)} (${key.type})`).join(' or ');
  return sshFailure('HOST_KEY_CHANGED', target, {
    detail: `expected ${pinned || 'a key it cannot show'}, got ${keys.shown ?? 'another one'}`,
    hint: `if the machine was made anew, delete ${keys.file}; otherwise somebody may be in between`,
  });
}

/** The error for what Node reports of a socket. */
export function socketFailure(error: unknown, target: SshTarget): TmachineError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const detail = messageOf(error);
  if (code === 'ECONNREFUSED') return sshFailure('SSH_REFUSED', target, { cause: error });
  if (code === 'ETIMEDOUT') return sshFailure('SSH_TIMED_OUT', target, { cause: error });
  if (['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(code))
    return sshFailure('SSH_CONNECTION_LOST', target, { cause: error });
  return sshFailure('SSH_UNREACHABLE', target, { detail, cause: error });
}
