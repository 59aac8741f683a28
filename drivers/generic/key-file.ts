import { join } from 'node:path';
import { type Host, isSystemError, messageOf, TmachineError } from 'tmachine/driver';
import { classifyPrivateKey } from './private-key.ts';

/** Where the key is that `--generic-ssh-key` names; a tilde is one that no shell has read. */
export function keyFilePath(named: string, { env }: Host): string {
  const home = env['HOME'] || env['USERPROFILE'];
  return home && /^~[/\\]/.test(named) ? join(home, named.slice(2)) : named;
}

/**
 * The text of a private key that can log in without a question.
 *
 * @throws TmachineError `GENERIC_KEY_UNUSABLE`.
 */
export async function readKeyFile(named: string, host: Host): Promise<string> {
  const path = keyFilePath(named, host);
  const text = await host.files.readText(path).catch((error: unknown) => {
    throw unusable(
      `Cannot read the SSH key "${path}": ${messageOf(error)}`,
      hints[isSystemError(error, 'EISDIR') ? 'public' : 'unknown'],
    );
  });
  if (text === undefined) throw unusable(`SSH key does not exist: "${path}"`);
  const kind = classifyPrivateKey(text);
  if (kind === 'usable') return text;
  throw unusable(`Cannot log in with the SSH key "${path}": ${reasons[kind]}`, hints[kind]);
}

const reasons = {
  encrypted: 'it needs a passphrase',
  public: 'it is a public key',
  putty: 'it is a key of PuTTY',
  unknown: 'it is no private key',
} as const;

const hints = {
  encrypted: 'give it to your SSH agent (ssh-add), and leave --generic-ssh-key out; or take a key without a passphrase',
  public: 'name the private key, which is the file without .pub',
  putty: 'convert it: puttygen KEY -O private-openssh -o NEWKEY',
  unknown: 'name the file that ssh -i would take',
} as const;

function unusable(message: string, hint?: string): TmachineError {
  return new TmachineError(message, { code: 'GENERIC_KEY_UNUSABLE', hint });
}
