import { isIP } from 'node:net';
import type forge from 'node-forge';
import { TmachineError } from '../errors/tmachine-error.ts';

type Forge = typeof forge;
type Asn1 = forge.asn1.Asn1;

/** What a certificate may be used for. */
export type CertificateUsage = 'authority' | 'server' | 'client';

/** What the extensions of one certificate say. Key identifiers are raw bytes. */
export interface ExtensionFacts {
  readonly usage: CertificateUsage;
  /** IP addresses and DNS names; order is kept within each kind. */
  readonly names: readonly string[];
  readonly subjectKeyId: Uint8Array;
  readonly authorityKeyId: Uint8Array;
}

const oids = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** Whether a certificate can be valid for this text: an IP address, or a DNS name, with `*` as first label at most. */
export function isCertificateName(name: string): boolean {
  return isIP(name) !== 0 || /^(\*|[\w-]{1,63})(\.[\w-]{1,63})*$/.test(name);
}

/** The `Extensions` field of a certificate (RFC 5280, section 4.2). */
export function encodeExtensions(forge: Forge, facts: ExtensionFacts): Asn1 {
  const { octets, sequence, tagged } = derBuilder(forge);
  const isAuthority = facts.usage === 'authority';
  const extension = (oid: string, critical: boolean, value: Asn1): Asn1 =>
    sequence([encodeOid(forge, oid), ...(critical ? [encodeTrue(forge)] : []), octets(toBinary(forge, value))]);
  const purposes = { authority: [], server: [oids.serverAuth], client: [oids.clientAuth] }[facts.usage];
  return sequence([
    extension(oids.keyUsage, true, encodeKeyUsage(forge, facts.usage)),
    ...(purposes.length === 0
      ? []
      : [extension(oids.extKeyUsage, false, sequence(purposes.map((oid) => encodeOid(forge, oid))))]),
    extension(oids.basicConstraints, true, sequence(isAuthority ? [encodeTrue(forge)] : [])),
    extension(oids.subjectKeyId, false, octets(binary(facts.subjectKeyId))),
    extension(oids.authorityKeyId, false, sequence([tagged(0, binary(facts.authorityKeyId))])),
    ...(facts.names.length === 0
      ? []
      : [extension(oids.subjectAltName, false, sequence(encodeNames(forge, facts.names)))]),
  ]);
}

/** The subject key identifier a certificate carries, if it carries one; `extensions` is its `Extensions` field. */
export function findSubjectKeyId(forge: Forge, extensions: readonly Asn1[]): Uint8Array | undefined {
  for (const extension of extensions) {
    const parts = extension.value;
    if (!Array.isArray(parts)) continue;
    const [oid, ...rest] = parts;
    const value = rest.at(-1);
    if (typeof oid?.value !== 'string' || typeof value?.value !== 'string') continue;
    if (forge.asn1.derToOid(oid.value) !== oids.subjectKeyId) continue;
    const inner = forge.asn1.fromDer(value.value).value;
    if (typeof inner === 'string') return Buffer.from(inner, 'latin1');
  }
  return undefined;
}

function encodeKeyUsage(forge: Forge, usage: CertificateUsage): Asn1 {
  const { BITSTRING } = forge.asn1.Type;
  // Bits from the left: digitalSignature 0, keyEncipherment 2, keyCertSign 5, cRLSign 6; the first byte counts unused bits.
  const bits = usage === 'authority' ? [1, 0b1000_0110] : [5, 0b1010_0000];
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, BITSTRING, false, binary(Uint8Array.from(bits)));
}

function encodeNames(forge: Forge, names: readonly string[]): readonly Asn1[] {
  const { tagged } = derBuilder(forge);
  return names.map((name) => {
    if (isIP(name) !== 0) return tagged(7, binary(addressBytes(name)));
    if (!isCertificateName(name))
      throw new TmachineError(`Cannot put "${name}" in a certificate: it is neither an IP address nor a DNS name`, {
        code: 'INVALID_CERTIFICATE_NAME',
        hint: 'give --tls-san an address such as 10.0.0.5 or a name such as docker.example',
      });
    return tagged(2, name);
  });
}

/** An address as RFC 5280 wants it: 4 or 16 bytes in network order. */
function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.'), Number);
  // The URL parser turns every spelling, dotted tails too, into groups of hexadecimal digits.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail ?? ''].map((half) => half.split(':').filter((group) => group !== ''));
  const known = [...(before ?? []), ...(after ?? [])];
  const groups = [...(before ?? []), ...Array<string>(8 - known.length).fill('0'), ...(after ?? [])];
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

interface DerBuilder {
  readonly sequence: (parts: readonly Asn1[]) => Asn1;
  readonly octets: (bytes: string) => Asn1;
  /** A primitive with a context-specific tag. */
  readonly tagged: (tag: number, bytes: string) => Asn1;
}

function derBuilder(forge: Forge): DerBuilder {
  const { Class, Type, create } = forge.asn1;
  return {
    sequence: (parts) => create(Class.UNIVERSAL, Type.SEQUENCE, true, [...parts]),
    octets: (bytes) => create(Class.UNIVERSAL, Type.OCTETSTRING, false, bytes),
    tagged: (tag, bytes) => create(Class.CONTEXT_SPECIFIC, tag, false, bytes),
  };
}

function encodeOid(forge: Forge, oid: string): Asn1 {
  const { Class, Type, create, oidToDer } = forge.asn1;
  return create(Class.UNIVERSAL, Type.OID, false, oidToDer(oid).getBytes());
}

function encodeTrue(forge: Forge): Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.BOOLEAN, false, '\xff');
}

function toBinary(forge: Forge, value: Asn1): string {
  return forge.asn1.toDer(value).getBytes();
}

function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
