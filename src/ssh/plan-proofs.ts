import type { AuthenticationType, ConnectConfig, utils } from 'ssh2';
import { sshFailure } from './failures.ts';
import type { SshTarget } from './guest.ts';
import type { Credential } from './identity.ts';

/**
 * How ssh2 proves who we are. A machine's own key is used whatever it is, so that the client says what is wrong with it; of
 * the user's keys those that need a passphrase are left out.
 *
 * @throws TmachineError `SSH_KEY_UNUSABLE`.
 */
export function planProofs(
  target: SshTarget,
  credentials: readonly Credential[],
  parseKey: typeof utils.parseKey,
): Pick<ConnectConfig, 'privateKey' | 'authHandler'> {
  const [first] = credentials;
  if (target.identityFile !== '' && first?.type === 'key')
    return { privateKey: first.key, authHandler: ['publickey' satisfies AuthenticationType] };
  const username = target.user;
  const usable = credentials.filter((one) => one.type === 'agent' || !(parseKey(one.key) instanceof Error));
  if (usable.length === 0)
    throw sshFailure('SSH_KEY_UNUSABLE', target, {
      detail: 'each key in ~/.ssh needs a passphrase, and no SSH agent runs',
      hint: 'start an agent and give it the key with ssh-add',
    });
  return {
    authHandler: usable.map((one) =>
      one.type === 'agent'
        ? { type: 'agent', username, agent: one.socket }
        : { type: 'publickey', username, key: one.key },
    ),
  };
}
