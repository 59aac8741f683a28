import { readFileSync } from 'node:fs';
import { GobDecoder } from '../../drivers/plugin/gob/gob-decoder.ts';
import type { GobValue } from '../../drivers/plugin/gob/gob-value.ts';

interface GobStream {
  readonly name: string;
  /** In hexadecimal digits: each value with the definitions before it. */
  readonly pieces: readonly string[];
}

/** Streams that Go wrote; see test/fixtures/go-gob. */
export const goGobs: readonly GobStream[] = JSON.parse(
  readFileSync(new URL('../fixtures/go-gob/by-go.json', import.meta.url), 'utf8'),
);

/** One of these streams as its bytes. */
export function goGob(name: string): Uint8Array {
  const stream = goGobs.find((each) => each.name === name);
  if (stream === undefined) throw new Error(`Go wrote no gob "${name}"`);
  return Buffer.from(stream.pieces.join(''), 'hex');
}

/** All values of a stream that comes in pieces of this length. */
export function decodeGobs(bytes: Uint8Array, pieceLength: number = bytes.length): readonly GobValue[] {
  const decoder = new GobDecoder();
  const values: GobValue[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) {
    decoder.push(bytes.subarray(at, at + pieceLength));
    for (let next = decoder.next(); next !== undefined; next = decoder.next()) values.push(next.value);
  }
  return values;
}
