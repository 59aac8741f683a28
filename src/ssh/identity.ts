import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors/tmachine-error.ts';
import type { Environment } from '../host/environment.ts';
import { sshFailure } from './failures.ts';
import type { SshTarget } from './guest.ts';

/** What may log in, to be tried in order: an SSH agent, by its socket, or a private key. */
export type Credential =
  | { readonly type: 'agent'; readonly socket: string }
  | { readonly type: 'key'; readonly key: Buffer };

/** What OpenSSH looks for in `~/.ssh`, in its order; see ssh(1), `-i`. */
const defaultKeyNames = ['id_rsa', 'id_ecdsa', 'id_ed25519'] as const;

/**
 * The private key that logs in; without one, as OpenSSH does, the user's agent and then the user's own keys.
 *
 * @throws TmachineError `SSH_KEY_UNUSABLE` when there is nothing that could log in.
 */
export async function findCredentials(target: SshTarget, env: Environment): Promise<readonly Credential[]> {
  if (target.identityFile !== '') return [{ type: 'key', key: await readIdentity(target) }];
  const socket = env['SSH_AUTH_SOCK'];
  const agent = socket ? [{ type: 'agent', socket } as const] : [];
  const keys = await Promise.all(defaultKeyNames.map((name) => readDefaultKey(name, env)));
  const found = [...agent, ...keys.flatMap((key) => (key === undefined ? [] : [{ type: 'key', key } as const]))];
  if (found.length > 0) return found;
  throw sshFailure('SSH_KEY_UNUSABLE', target, {
    detail: `no key was named, no SSH agent runs, and ~/.ssh has none of ${defaultKeyNames.join(', ')}`,
  });
}

/**
 * The private key of a target that has one of its own.
 *
 * @throws TmachineError `SSH_KEY_UNUSABLE` when it cannot be read.
 */
export async function readIdentity(target: SshTarget): Promise<Buffer> {
  try {
    return await readFile(target.identityFile);
  } catch (error) {
    throw sshFailure('SSH_KEY_UNUSABLE', target, { detail: messageOf(error), cause: error });
  }
}

async function readDefaultKey(name: string, env: Environment): Promise<Buffer | undefined> {
  const home = env['HOME'] || env['USERPROFILE'] || homedir();
  return await readFile(join(home, '.ssh', name)).catch(() => undefined);
}
