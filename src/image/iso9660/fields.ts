/** A number of 32 bits in both byte orders, as ECMA-119 7.3.3 wants it. */
export function bothEndian32(value: number): Uint8Array {
  const field = Buffer.alloc(8);
  field.writeUInt32LE(value, 0);
  field.writeUInt32BE(value, 4);
  return field;
}

/** A number of 16 bits in both byte orders, as ECMA-119 7.2.3 wants it. */
export function bothEndian16(value: number): Uint8Array {
  const field = Buffer.alloc(4);
  field.writeUInt16LE(value, 0);
  field.writeUInt16BE(value, 2);
  return field;
}

/** The 7 bytes that stand for a time in UTC in a folder's record (ECMA-119 9.1.5). */
export function recordTime(seconds: number): Uint8Array {
  const date = new Date(seconds * 1000);
  return Uint8Array.of(
    date.getUTCFullYear() - 1900,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    0,
  );
}

/** The 17 bytes that stand for a time in UTC in the volume descriptor (ECMA-119 8.4.26.1). */
export function volumeTime(seconds: number): Uint8Array {
  const digits = new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 16);
  return Buffer.from(`${digits}\0`, 'latin1');
}

/** Text of a fixed length, padded with spaces. */
export function paddedText(text: string, length: number): Uint8Array {
  return Buffer.from(text.padEnd(length).slice(0, length), 'latin1');
}
