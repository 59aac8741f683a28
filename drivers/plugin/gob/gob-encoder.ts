import { ByteWriter } from './byte-writer.ts';
import { formatDefinition } from './definition.ts';
import type { TypedValue } from './gob-value.ts';
import { definitionType, type WireType } from './wire-type.ts';
import { type OwnTypes, writeWhole } from './write-value.ts';

/**
 * Makes a stream of gobs; a type is defined before its first value. Go's encoder defines the types behind an interface in the middle of a
 * value. Decoders take them before it as well, which needs no value in pieces.
 * Specification: https://pkg.go.dev/encoding/gob
 */
export class GobEncoder {
  readonly #types: OwnTypes;
  readonly #defined = new Set<number>();

  constructor(types: OwnTypes) {
    this.#types = types;
  }

  /**
   * The next bytes of the stream.
   *
   * @throws GobError for a value that does not fit its type; the stream can go on without any of these values then.
   */
  encode(...values: readonly TypedValue[]): Uint8Array {
    const used = new Set<number>();
    const bodies = values.map(({ type, value }) => this.#message(type, { type, value }, used));
    // A set may grow while it is walked.
    for (const id of used) for (const part of partsOf(this.#types.get(id))) if (this.#types.has(part)) used.add(part);
    const fresh = [...used].filter((id) => !this.#defined.has(id));
    const definitions = fresh.map((id) => this.#define(id));
    for (const id of fresh) this.#defined.add(id);
    return Buffer.concat([...definitions, ...bodies]);
  }

  #define(id: number): Uint8Array {
    const type = this.#types.get(id);
    if (type === undefined) return new Uint8Array();
    return this.#message(-id, { type: definitionType, value: formatDefinition(type, id) }, new Set());
  }

  #message(head: number, { type, value }: TypedValue, used: Set<number>): Uint8Array {
    const out = new ByteWriter();
    out.int(head);
    writeWhole({ out, types: this.#types, used }, type, value);
    const message = new ByteWriter();
    message.bytes(out.finish());
    return message.finish();
  }
}

function partsOf(type: WireType | undefined): readonly number[] {
  switch (type?.kind) {
    case 'slice':
      return [type.element];
    case 'map':
      return [type.key, type.element];
    case 'struct':
      return type.fields.map((field) => field.type);
    default:
      return [];
  }
}
