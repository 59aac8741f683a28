/** One member of a tar archive; a path that ends in `/` is a folder, which has no content. */
export interface UstarMember {
  /** At most 100 bytes. */
  readonly path: string;
  readonly mode: number;
  readonly content?: string;
}

/** A POSIX ustar archive (IEEE 1003.1, pax, "ustar Interchange Format"); owner root and time 0, so the bytes depend on the members only. */
export function formatUstar(members: readonly UstarMember[]): Uint8Array {
  const parts = members.flatMap((member) => {
    const data = Buffer.from(member.content ?? '');
    return [formatHeader(member, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function formatHeader(member: UstarMember, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(member.path, 0, 100);
  header.write(octal(member.mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.fill(' ', 148, 156);
  header.write(member.path.endsWith('/') ? '5' : '0', 156);
  header.write('ustar\x0000', 257);
  header.write('root', 265);
  header.write('root', 297);
  header.write(octal(0, 7), 329);
  header.write(octal(0, 7), 337);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
