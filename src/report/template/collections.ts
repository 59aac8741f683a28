import { refuse } from './failure.ts';
import { indirect, intValue, isNil, stringValue, typeName, unwrapInterface, type Value } from './value.ts';

/** Go's `index`: follows indexes and keys into a value, one after the other. */
export function indexInto(start: Value, indexes: readonly Value[]): Value {
  let item = unwrapInterface(start);
  if (item.kind === 'invalid') refuse('index of untyped nil');
  for (const boxed of indexes) {
    item = indirect(item);
    if (item.kind === 'interface' || item.kind === 'pointer') refuse('index of nil pointer');
    item = step(item, unwrapInterface(boxed));
  }
  return item;
}

function step(item: Value, index: Value): Value {
  switch (item.kind) {
    case 'slice':
      return item.items[position(index, item.items.length)] ?? refuse('reflect: slice index out of range');
    case 'string': {
      const bytes = Buffer.from(item.data);
      const byte = bytes[position(index, bytes.length)];
      if (byte === undefined) return refuse('reflect: string index out of range');
      return { kind: 'uint', type: 'uint8', data: BigInt(byte) };
    }
    case 'map':
      return item.entries.get(key(index)) ?? item.zero;
    default:
      return refuse(`can't index item of type ${typeName(item)}`);
  }
}

function key(index: Value): string {
  if (index.kind === 'string') return index.data;
  if (index.kind === 'invalid') return refuse('value is nil; should be of type string');
  return refuse(`value has type ${typeName(index)}; should be string`);
}

function position(index: Value, limit: number): number {
  if (index.kind === 'invalid') refuse('cannot index slice/array with nil');
  if (index.kind !== 'int' && index.kind !== 'uint') {
    return refuse(`cannot index slice/array with type ${typeName(index)}`);
  }
  if (index.data < 0n || index.data > BigInt(limit)) refuse(`index out of range: ${index.data}`);
  return Number(index.data);
}

/** Go's `slice`: `slice x 1 2` is `x[1:2]`; strings are cut by bytes. */
export function sliceOf(start: Value, indexes: readonly Value[]): Value {
  const item = unwrapInterface(start);
  if (item.kind === 'invalid') refuse('slice of untyped nil');
  if (indexes.length > 3) refuse(`too many slice indexes: ${indexes.length}`);
  if (item.kind === 'string') {
    if (indexes.length === 3) refuse('cannot 3-index slice a string');
    const bytes = Buffer.from(item.data);
    return stringValue(bytes.subarray(...bounds(indexes, bytes.length)).toString());
  }
  if (item.kind !== 'slice') return refuse(`can't slice item of type ${typeName(item)}`);
  return { kind: 'slice', type: item.type, items: item.items.slice(...bounds(indexes, item.items.length)) };
}

function bounds(indexes: readonly Value[], length: number): [number, number] {
  const [from = 0, to = length, capacity = length] = indexes.map((index) => position(unwrapInterface(index), length));
  if (from > to) refuse(`invalid slice index: ${from} > ${to}`);
  if (to > capacity) refuse(`invalid slice index: ${to} > ${capacity}`);
  return [from, to];
}

/** Go's `len`: items, entries, or bytes of a string. */
export function lengthOf(start: Value): Value {
  const item = indirect(start);
  if (isNil(item) && item.kind !== 'slice') refuse('len of nil pointer');
  if (item.kind === 'string') return intValue(Buffer.byteLength(item.data));
  if (item.kind === 'slice') return intValue(item.items.length);
  if (item.kind === 'map') return intValue(item.entries.size);
  if (item.kind === 'invalid') return refuse('reflect: call of reflect.Value.Type on zero Value');
  return refuse(`len of type ${typeName(item)}`);
}
