import { ByteReader, MessageMissing } from './byte-reader.ts';
import { GobError } from './gob-error.ts';
import type { GobValue } from './gob-value.ts';
import { MessageQueue } from './message-queue.ts';
import { type DefinedTypes, readValue } from './read-value.ts';

/** A value may come in pieces, see `readValue`. */
const largestValue = 32 * 1024 * 1024;

/**
 * Values out of a stream of gobs, as its bytes come. After an error the stream cannot be read any further.
 * Specification: https://pkg.go.dev/encoding/gob
 */
export class GobDecoder {
  readonly #queue = new MessageQueue();
  #messages: Uint8Array[] = [];
  #types: DefinedTypes = new Map();

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  /**
   * The next value; nothing when it has not come as a whole.
   *
   * @throws GobError when what came is no gob.
   */
  next(): { readonly value: GobValue } | undefined {
    for (let message = this.#queue.next(); message !== undefined; message = this.#queue.next()) {
      this.#messages.push(message);
      if (this.#messages.reduce((sum, { length }) => sum + length, 0) > largestValue)
        throw new GobError(`a value is larger than ${largestValue} bytes`);
      const value = this.#read();
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Starts again for each message: what would have to be kept in between is the whole state of `readValue`. */
  #read(): { readonly value: GobValue } | undefined {
    const types = new Map(this.#types);
    try {
      const value = readValue(new ByteReader(this.#messages), types);
      this.#types = types;
      this.#messages = [];
      return { value };
    } catch (error) {
      if (error instanceof MessageMissing) return undefined;
      throw error;
    }
  }
}
