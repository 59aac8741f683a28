import { createHash } from 'node:crypto';
import { readFirstString } from './wire.ts';

/**
 * The one name under which a machine's host key is kept. A machine has a file of its own, so that its address may
 * change without the key seeming to belong to somebody else.
 */
export const guestAlias = 'guest';

/** A public key of a server. */
export interface HostKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  /** The key in SSH's wire form, base64. */
  readonly base64: string;
}

/**
 * The host keys in a known_hosts file, whatever host they stand for; comments, marked and hashed-out lines are left out.
 * Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
 */
export function parseKnownHosts(text: string): readonly HostKey[] {
  return text
    .split(/\r?\n/)
    .filter((line) => !/^\s*([#@]|$)/.test(line))
    .flatMap((line) => parsePublicKey(line.trim().replace(/^\S+\s+/, '')) ?? []);
}

/** The known_hosts line that pins `key` for this machine. */
export function formatKnownHost(key: HostKey): string {
  return `${guestAlias} ${key.type} ${key.base64}\n`;
}

/** A key from `TYPE BASE64 [COMMENT]`, the form of a `.pub` file; nothing when the text is something else. */
export function parsePublicKey(text: string): HostKey | undefined {
  const [type, base64] = text.trim().split(/\s+/);
  if (type === undefined || base64 === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  return readFirstString(Buffer.from(base64, 'base64')) === type ? { type, base64 } : undefined;
}

/** A key from its wire form; nothing when the bytes are something else. */
export function hostKeyFromBlob(blob: Uint8Array): HostKey | undefined {
  const type = readFirstString(blob);
  return type === undefined ? undefined : { type, base64: Buffer.from(blob).toString('base64') };
}

/** The fingerprint as OpenSSH shows it: `SHA256:` and 43 characters. */
export function fingerprint(key: HostKey): string {
  const digest = createHash('sha256').update(Buffer.from(key.base64, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** Whether two keys are the same key. */
export function isSameKey(one: HostKey, other: HostKey): boolean {
  return one.type === other.type && one.base64 === other.base64;
}
