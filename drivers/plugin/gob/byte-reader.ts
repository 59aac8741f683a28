import { GobError } from './gob-error.ts';

/** Thrown where a value goes on in a message that has not come yet. */
export class MessageMissing extends Error {}

/** Reads the numbers and texts that gobs are made of, from one message after the other. */
export class ByteReader {
  readonly #messages: readonly Uint8Array[];
  #message: Uint8Array;
  #used = 0;
  #at = 0;

  constructor(messages: readonly Uint8Array[]) {
    this.#messages = messages;
    this.#message = new Uint8Array();
    this.nextMessage();
  }

  get isAtEnd(): boolean {
    return this.#at === this.#message.length;
  }

  nextMessage(): void {
    const message = this.#messages[this.#used];
    if (message === undefined) throw new MessageMissing();
    this.#message = message;
    this.#used += 1;
    this.#at = 0;
  }

  /** An unsigned integer: one byte below 128, or the negated count of bytes and those, the highest first. */
  uint(): bigint | number {
    const first = this.#byte();
    if (first < 128) return first;
    const count = 256 - first;
    if (count > 8) throw new GobError(`an integer has ${count} bytes`);
    let value = 0n;
    for (let index = 0; index < count; index += 1) value = (value << 8n) | BigInt(this.#byte());
    return exact(value);
  }

  /** A signed integer: the lowest bit says that the others are to be complemented. */
  int(): bigint | number {
    const value = BigInt(this.uint());
    return exact((value & 1n) === 1n ? ~(value >> 1n) : value >> 1n);
  }

  /** A floating-point number: its bits as an unsigned integer with the bytes turned round. */
  float(): number {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(this.uint()), true);
    return view.getFloat64(0);
  }

  /** An unsigned integer that counts or numbers something. */
  count(): number {
    const value = this.uint();
    if (typeof value !== 'number') throw new GobError(`a count is as large as ${value}`);
    return value;
  }

  /** The number of a type; negative where its definition follows. */
  typeId(): number {
    const value = this.int();
    if (typeof value !== 'number') throw new GobError(`a type has the number ${value}`);
    return value;
  }

  /** A copy, so that a small value does not keep a large message. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#take(this.count()));
  }

  text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#take(this.count()));
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#message.length) throw new GobError(`${length} bytes are announced, but the message ends before`);
    const taken = this.#message.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #byte(): number {
    const [byte] = this.#take(1);
    return byte ?? 0;
  }
}

function exact(value: bigint): bigint | number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
