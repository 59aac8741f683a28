/** What a file that should hold a private key holds. */
export type PrivateKeyKind = 'usable' | 'encrypted' | 'public' | 'putty' | 'unknown';

/**
 * Tells private keys apart without reading their secrets. Formats: PEM (RFC 7468; RFC 1421 for `Proc-Type`) and OpenSSH's
 * own (PROTOCOL.key), whose first field after the magic names the cipher.
 */
export function classifyPrivateKey(text: string): PrivateKeyKind {
  if (/^PuTTY-User-Key-File-\d/.test(text)) return 'putty';
  if (/^(?:ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/]+/.test(text) || /^-{4,5} ?BEGIN (?:SSH2 |RSA )?PUBLIC KEY/m.test(text))
    return 'public';
  const [, label, body = ''] = /^-----BEGIN ([A-Z ]*)PRIVATE KEY-----\r?\n([\s\S]*?)-----END /m.exec(text) ?? [];
  if (label === undefined) return 'unknown';
  if (label === 'ENCRYPTED ' || /^Proc-Type: 4,ENCRYPTED/m.test(body)) return 'encrypted';
  if (label !== 'OPENSSH ') return 'usable';
  const bytes = Buffer.from(body.replace(/\s/g, ''), 'base64');
  if (bytes.length < lengthAt + 4 || bytes.toString('latin1', 0, lengthAt) !== magic) return 'unknown';
  const length = bytes.readUInt32BE(lengthAt);
  return bytes.toString('latin1', lengthAt + 4, lengthAt + 4 + length) === 'none' ? 'usable' : 'encrypted';
}

const magic = 'openssh-key-v1\0';
const lengthAt = magic.length;
