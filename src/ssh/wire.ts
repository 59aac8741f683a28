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

/** 64 bits, most significant byte first. */
export function wireUint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Takes the parts of a message one after another; each throws a `RangeError` behind the end. */
export interface WireReader {
  byte(): number;
  uint32(): number;
  /** Exact up to 2^53. */
  uint64(): number;
  string(): Buffer;
  isAtEnd(): boolean;
}

/** Reads a message from its start. */
export function readWire(bytes: Buffer): WireReader {
  let at = 0;
  const take = (length: number): number => {
    if (at + length > bytes.length) throw new RangeError('the message is shorter than it says');
    at += length;
    return at - length;
  };
  const uint32 = (): number => bytes.readUInt32BE(take(4));
  return {
    byte: () => bytes.readUInt8(take(1)),
    uint32,
    uint64: () => Number(bytes.readBigUInt64BE(take(8))),
    string: () => {
      const length = uint32();
      return bytes.subarray(take(length), at);
    },
    isAtEnd: () => at === bytes.length,
  };
}
