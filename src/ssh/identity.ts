import { readFile } from 'node:fs/promises';
import { messageOf } from '../errors/tmachine-error.ts';
import { sshFailure } from './failures.ts';
import type { SshTarget } from './guest.ts';

/**
 * The private key that logs in.
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
