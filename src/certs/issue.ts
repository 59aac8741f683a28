import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type forge from 'node-forge';
import { TmachineError } from '../errors/tmachine-error.ts';
import { type CertificateUsage, encodeExtensions, findSubjectKeyId } from './extensions.ts';

type Forge = typeof forge;
type Asn1 = forge.asn1.Asn1;

/** Everything that goes into one certificate, so that the same request gives the same certificate. */
export interface CertificateRequest {
  readonly usage: CertificateUsage;
  /** The whole subject: only `O=`; clients and servers are told apart by usage, never by a common name. */
  readonly organization: string;
  /** IP addresses and DNS names the certificate is valid for. */
  readonly names: readonly string[];
  readonly publicKey: KeyObject;
  /** 16 random bytes. */
  readonly serial: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * Who signs. Without a certificate the new certificate signs itself. An authority signed by a certificate is that
 * certificate renewed: it keeps name and key identifier, so that what the old one signed stays good.
 */
export interface Signer {
  readonly certificatePem?: string | undefined;
  readonly privateKey: KeyObject;
}

/** When a certificate made at `now` is valid: from five minutes earlier (clocks differ), for 1080 days. */
export function planValidity(now: Date): Pick<CertificateRequest, 'notBefore' | 'notAfter'> {
  const notBefore = new Date(Math.floor(now.getTime() / 1000) * 1000 - 5 * 60_000);
  return { notBefore, notAfter: new Date(notBefore.getTime() + 1080 * 24 * 3_600_000) };
}

/**
 * A signed X.509 version 3 certificate as PEM (RFC 5280). RSA, EC and Ed25519 signers are understood.
 *
 * @throws TmachineError `INVALID_CERTIFICATE_NAME`, `UNSUPPORTED_KEY`.
 */
export async function issueCertificate(request: CertificateRequest, signer: Signer): Promise<string> {
  const { default: forge } = await import('node-forge');
  const algorithm = signatureAlgorithm(forge, signer.privateKey);
  const toBeSigned = encodeToBeSigned(forge, request, { ...readIssuer(forge, request, signer), algorithm });
  const bytes = Buffer.from(forge.asn1.toDer(toBeSigned).getBytes(), 'latin1');
  const signature = sign(isEdwards(signer.privateKey) ? null : 'sha256', bytes, signer.privateKey);
  const certificate = sequence(forge, [
    toBeSigned,
    algorithm,
    primitive(forge, forge.asn1.Type.BITSTRING, `\0${signature.toString('latin1')}`),
  ]);
  return new X509Certificate(Buffer.from(forge.asn1.toDer(certificate).getBytes(), 'latin1')).toString();
}

interface Issuer {
  /** The subject of the signing certificate, kept as it was encoded: verifiers compare the bytes. */
  readonly name: Asn1;
  readonly keyId: Uint8Array;
}

function readIssuer(forge: Forge, request: CertificateRequest, signer: Signer): Issuer {
  if (signer.certificatePem === undefined)
    return { name: encodeName(forge, request.organization), keyId: keyIdOf(request.publicKey) };
  const certificate = new X509Certificate(signer.certificatePem);
  const [toBeSigned] = childrenOf(forge.asn1.fromDer(certificate.raw.toString('latin1')));
  const fields = childrenOf(toBeSigned).filter((field) => field.tagClass === forge.asn1.Class.UNIVERSAL);
  const wrapped = childrenOf(toBeSigned).find((field) => isTagged(forge, field, 3));
  const extensions = wrapped === undefined ? [] : childrenOf(childrenOf(wrapped)[0]);
  // serial, signature, issuer, validity, subject
  const name = fields[4];
  if (name === undefined) throw new TypeError('A certificate without a subject');
  return { name, keyId: findSubjectKeyId(forge, extensions) ?? keyIdOf(certificate.publicKey) };
}

function encodeToBeSigned(
  forge: Forge,
  request: CertificateRequest,
  issuer: Issuer & { readonly algorithm: Asn1 },
): Asn1 {
  const { Class, Type, create } = forge.asn1;
  const isAuthority = request.usage === 'authority';
  const spki = request.publicKey.export({ type: 'spki', format: 'der' });
  const extensions = encodeExtensions(forge, {
    usage: request.usage,
    names: request.names,
    subjectKeyId: isAuthority ? issuer.keyId : keyIdOf(request.publicKey),
    authorityKeyId: issuer.keyId,
  });
  return sequence(forge, [
    create(Class.CONTEXT_SPECIFIC, 0, true, [primitive(forge, Type.INTEGER, '\x02')]),
    primitive(forge, Type.INTEGER, positive(request.serial)),
    issuer.algorithm,
    issuer.name,
    sequence(forge, [encodeTime(forge, request.notBefore), encodeTime(forge, request.notAfter)]),
    isAuthority ? issuer.name : encodeName(forge, request.organization),
    forge.asn1.fromDer(spki.toString('latin1')),
    create(Class.CONTEXT_SPECIFIC, 3, true, [extensions]),
  ]);
}

/** RFC 5280 wants a positive number in as few bytes as possible: so 0 first, then a 1. */
function positive(serial: Uint8Array): string {
  const bytes = Buffer.from(serial);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('latin1');
}

function encodeName(forge: Forge, organization: string): Asn1 {
  const { Class, Type, create, oidToDer } = forge.asn1;
  const attribute = sequence(forge, [
    primitive(forge, Type.OID, oidToDer('2.5.4.10').getBytes()),
    primitive(forge, Type.UTF8, Buffer.from(organization).toString('latin1')),
  ]);
  return sequence(forge, [create(Class.UNIVERSAL, Type.SET, true, [attribute])]);
}

/** RFC 5280, section 4.1.2.5: two-digit years until 2049, four digits from then on. */
function encodeTime(forge: Forge, time: Date): Asn1 {
  const { Type, dateToGeneralizedTime, dateToUtcTime } = forge.asn1;
  if (time.getUTCFullYear() >= 2050) return primitive(forge, Type.GENERALIZEDTIME, dateToGeneralizedTime(time));
  return primitive(forge, Type.UTCTIME, dateToUtcTime(time));
}

function signatureAlgorithm(forge: Forge, key: KeyObject): Asn1 {
  const { Type, oidToDer } = forge.asn1;
  const oid = (text: string): Asn1 => primitive(forge, Type.OID, oidToDer(text).getBytes());
  if (key.asymmetricKeyType === 'rsa')
    return sequence(forge, [oid('1.2.840.113549.1.1.11'), primitive(forge, Type.NULL, '')]);
  if (key.asymmetricKeyType === 'ec') return sequence(forge, [oid('1.2.840.10045.4.3.2')]);
  if (isEdwards(key)) return sequence(forge, [oid('1.3.101.112')]);
  throw new TmachineError(`Cannot sign with a key of type "${key.asymmetricKeyType}"`, {
    code: 'UNSUPPORTED_KEY',
    hint: 'use an RSA, EC or Ed25519 key for the certificate authority',
  });
}

function isEdwards(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ed25519';
}

/** RFC 7093, method 4, cut to the usual 20 bytes. */
function keyIdOf(key: KeyObject): Uint8Array {
  const spki = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest().subarray(0, 20);
}

function sequence(forge: Forge, parts: readonly Asn1[]): Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.SEQUENCE, true, [...parts]);
}

function primitive(forge: Forge, type: forge.asn1.Type, bytes: string): Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, type, false, bytes);
}

function childrenOf(node: Asn1 | undefined): readonly Asn1[] {
  return Array.isArray(node?.value) ? node.value : [];
}

function isTagged(forge: Forge, node: Asn1, tag: number): boolean {
  return node.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC && Number(node.type) === tag;
}
