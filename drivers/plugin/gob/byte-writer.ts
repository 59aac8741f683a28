/** The opposite of `ByteReader`: collects the bytes of one message. */
export class ByteWriter {
  readonly #bytes: number[] = [];

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  uint(value: bigint | number): void {
    if (value < 128) return void this.#bytes.push(Number(value));
    const bytes: number[] = [];
    for (let rest = BigInt(value); rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 255n));
    this.#bytes.push(256 - bytes.length, ...bytes);
  }

  int(value: bigint | number): void {
    const wide = BigInt(value);
    this.uint(wide < 0n ? (~wide << 1n) | 1n : wide << 1n);
  }

  text(value: string): void {
    this.bytes(new TextEncoder().encode(value));
  }

  /** Bytes after their count. */
  bytes(value: Uint8Array): void {
    this.uint(value.length);
    for (const byte of value) this.#bytes.push(byte);
  }
}
