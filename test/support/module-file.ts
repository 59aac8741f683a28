/** The bytes of a kernel module (ELF64) that has nothing but `.modinfo` with these `key=value` strings. */
export function moduleFile(fields: readonly string[]): Uint8Array {
  const modinfo = Buffer.from(fields.map((field) => `${field}\0`).join(''), 'latin1');
  const names = Buffer.from('\0.shstrtab\0.modinfo\0', 'latin1');
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeBigUInt64LE(BigInt(64 + modinfo.length + names.length), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(3, 60);
  header.writeUInt16LE(1, 62);
  return Buffer.concat([
    header,
    modinfo,
    names,
    section(0, 0, 0),
    section(1, 64 + modinfo.length, names.length),
    section(11, 64, modinfo.length),
  ]);
}

function section(name: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(name, 0);
  bytes.writeBigUInt64LE(BigInt(offset), 24);
  bytes.writeBigUInt64LE(BigInt(length), 32);
  return bytes;
}
