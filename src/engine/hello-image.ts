import { pack } from 'tar-stream';

/** A Linux x86-64 program that prints `text` and ends with status 0: an ELF-64 file of one loadable segment. */
export function formatHelloProgram(text: string): Uint8Array {
  const message = Buffer.from(text);
  const code = formatCode(message.length);
  const headerBytes = 64 + 56;
  const size = headerBytes + code.length + message.length;
  const base = 0x400000n;
  const program = Buffer.alloc(size);
  program.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  program.writeUInt16LE(2, 16); // executable
  program.writeUInt16LE(62, 18); // x86-64
  program.writeUInt32LE(1, 20);
  program.writeBigUInt64LE(base + BigInt(headerBytes), 24);
  program.writeBigUInt64LE(64n, 32);
  program.writeUInt16LE(64, 52);
  program.writeUInt16LE(56, 54);
  program.writeUInt16LE(1, 56);
  program.writeUInt32LE(1, 64); // loadable
  program.writeUInt32LE(5, 68); // readable and executable
  program.writeBigUInt64LE(base, 80);
  program.writeBigUInt64LE(base, 88);
  program.writeBigUInt64LE(BigInt(size), 96);
  program.writeBigUInt64LE(BigInt(size), 104);
  program.writeBigUInt64LE(0x1000n, 112);
  program.set(code, headerBytes);
  program.set(message, headerBytes + code.length);
  return program;
}

/** write(1, the bytes behind this code, length); exit(0). */
function formatCode(length: number): Buffer {
  const code = Buffer.from('b801000000bf01000000488d3500000000ba000000000f05b83c00000031ff0f05', 'hex');
  const afterLea = 17;
  code.writeInt32LE(code.length - afterLea, afterLea - 4);
  code.writeUInt32LE(length, afterLea + 1);
  return code;
}

/** The root file system of an image whose `/hello` prints `text`, as a tar for the engine's image import. */
export async function packHelloRoot(text: string): Promise<Uint8Array> {
  const tar = pack();
  tar.entry({ name: 'hello', mode: 0o755, mtime: new Date(0) }, Buffer.from(formatHelloProgram(text)));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
