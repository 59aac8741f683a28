import { GobError } from './gob-error.ts';

/** More than any plugin has to say at once. */
const largestMessage = 16 * 1024 * 1024;

/** Cuts a stream of bytes into messages, each of which stands after its length. */
export class MessageQueue {
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** Bytes that must be there before it is worth looking again. */
  #wanted = 1;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The next message that is there as a whole. */
  next(): Uint8Array | undefined {
    if (this.#size < this.#wanted) return undefined;
    const [first = new Uint8Array(), ...others] = this.#chunks;
    const bytes = others.length === 0 ? first : Buffer.concat(this.#chunks);
    const [head, length] = parseLength(bytes);
    this.#wanted = head + length;
    this.#chunks = [bytes];
    if (this.#size < this.#wanted) return undefined;
    this.#chunks = [bytes.subarray(this.#wanted)];
    this.#size -= this.#wanted;
    const message = bytes.subarray(head, this.#wanted);
    this.#wanted = 1;
    return message;
  }
}

/** The bytes that the length takes, and the length; where it is cut off, those that it takes. */
function parseLength(bytes: Uint8Array): readonly [head: number, length: number] {
  const first = bytes[0] ?? 0;
  if (first === 0) throw new GobError('a message is empty');
  if (first < 128) return [1, first];
  const head = 257 - first;
  if (head > 9) throw new GobError('what came is no gob');
  if (bytes.length < head) return [head, 0];
  const length = bytes.subarray(1, head).reduce((sum, byte) => sum * 256 + byte, 0);
  if (length > largestMessage) throw new GobError(`a message of ${length} bytes is announced`);
  return [head, length];
}
