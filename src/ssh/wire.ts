/** Strings, numbers and key blobs as SSH writes them. Specification: RFC 4251 section 5. */

/** A length and the bytes. */
export function wireString(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([wireUint32(bytes.length), bytes]);
}

/** 32 bits, most significant byte first. */
export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A non-negative integer of any size, given as its big-endian bytes. */
export function wireInteger(magnitude: Uint8Array): Buffer {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? Buffer.alloc(0) : Buffer.from(magnitude.subarray(start));
  const needsSign = digits.length > 0 && (digits[0] ?? 0) >= 0x80;
  return wireString(needsSign ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** The first string of a blob: of a public key, its type. Nothing when the blob is too short. */
export function readFirstString(blob: Uint8Array): string | undefined {
  if (blob.length < 4) return undefined;
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const end = 4 + bytes.readUInt32BE(0);
  return end > bytes.length ? undefined : bytes.toString('latin1', 4, end);
}
