import { TmachineError } from '../errors/tmachine-error.ts';
import { privateFile, readTextIfExists, writeFileAtomic } from '../host/files.ts';
import { formatKnownHost, type HostKey, isSameKey, parseKnownHosts, parsePublicKey } from './known-hosts.ts';

/**
 * The keys this machine's server may show; none means that the first one shown will be recorded. A `pinned` public key
 * (the text of a `.pub` file) is written to the file first.
 *
 * @throws TmachineError `HOST_KEY_UNREADABLE` when the file or the key is no such thing, so that damage never means trust.
 */
export async function readPins(file: string, pinned: string | undefined): Promise<readonly HostKey[]> {
  if (pinned !== undefined) return [await pinHostKey(file, pinned)];
  const text = await readTextIfExists(file);
  if (text === undefined) return [];
  const keys = parseKnownHosts(text);
  if (keys.length > 0 || text.trim() === '') return keys;
  throw unreadable(`"${file}" holds no host key`, file);
}

/** Records the key of a server met for the first time. */
export async function recordKey(file: string, key: HostKey): Promise<void> {
  await writeFileAtomic(file, formatKnownHost(key), privateFile);
}

/**
 * Makes a public key (the text of a `.pub` file) the only host key of the machine, before anyone has connected.
 *
 * @throws TmachineError `HOST_KEY_UNREADABLE` when the text is no public key.
 */
export async function pinHostKey(file: string, text: string): Promise<HostKey> {
  const key = parsePublicKey(text);
  if (key === undefined) throw unreadable('the pinned host key is not a public key', file);
  const known = parseKnownHosts((await readTextIfExists(file)) ?? '');
  if (known.length !== 1 || !known.every((other) => isSameKey(other, key))) await recordKey(file, key);
  return key;
}

function unreadable(reason: string, file: string): TmachineError {
  return new TmachineError(`Cannot check the host key of the guest: ${reason}`, {
    code: 'HOST_KEY_UNREADABLE',
    hint: `delete ${file} to trust the key the machine shows next`,
  });
}
