import { ByteWriter } from './byte-writer.ts';
import { GobError } from './gob-error.ts';
import { type GobStruct, type GobValue, isInterface, isList, isStruct } from './gob-value.ts';
import { builtInTypes, type WireType } from './wire-type.ts';

/** The types of the values that we send, by the numbers we give them. */
export type OwnTypes = ReadonlyMap<number, WireType>;

/** Where a value is written, and what its reader has to know. */
export interface Sink {
  readonly out: ByteWriter;
  readonly types: OwnTypes;
  /** The numbers of our own types that occur. */
  readonly used: Set<number>;
}

/** Writes a value that is not part of another: where it is no struct, a zero stands before it. */
export function writeWhole(sink: Sink, id: number, value: GobValue): void {
  if (typeOf(sink, id).kind !== 'struct') sink.out.uint(0);
  writePart(sink, id, value);
}

function writePart(sink: Sink, id: number, value: GobValue): void {
  const { out } = sink;
  const type = typeOf(sink, id);
  if (type.kind === 'bool' && typeof value === 'boolean') out.uint(value ? 1 : 0);
  else if (type.kind === 'int' && isWhole(value)) out.int(value);
  else if (type.kind === 'uint' && isWhole(value) && value >= 0) out.uint(value);
  else if (type.kind === 'bytes' && value instanceof Uint8Array) out.bytes(value);
  else if (type.kind === 'string' && typeof value === 'string') out.text(value);
  else if (type.kind === 'interface') writeInterface(sink, value);
  else if (type.kind === 'slice' && isList(value)) writeList(sink, type.element, value);
  else if (type.kind === 'map' && value instanceof Map) writeMap(sink, type, value);
  else if (type.kind === 'struct' && isStruct(value)) writeStruct(sink, type, value);
  else throw new GobError(`the kind "${type.kind}" has no such value`);
}

function typeOf({ types, used }: Sink, id: number): WireType {
  const own = types.get(id);
  if (own !== undefined) used.add(id);
  const type = own ?? builtInTypes.get(id);
  if (type === undefined) throw new GobError(`type ${id} is not known`);
  return type;
}

function writeInterface(sink: Sink, value: GobValue): void {
  if (value === null) {
    sink.out.uint(0);
    return;
  }
  if (!isInterface(value)) throw new GobError('a value for an interface has to name its type');
  const inner = { ...sink, out: new ByteWriter() };
  writeWhole(inner, value.type, value.value);
  sink.out.text(value.concrete);
  sink.out.int(value.type);
  sink.out.bytes(inner.out.finish());
}

function writeList(sink: Sink, element: number, list: readonly GobValue[]): void {
  sink.out.uint(list.length);
  for (const each of list) writePart(sink, element, each);
}

function writeMap(
  sink: Sink,
  type: { readonly key: number; readonly element: number },
  map: ReadonlyMap<GobValue, GobValue>,
): void {
  sink.out.uint(map.size);
  for (const [key, value] of map) {
    writePart(sink, type.key, key);
    writePart(sink, type.element, value);
  }
}

/** Each field that is not zero is numbered by its distance to the one before; a zero ends the struct. */
function writeStruct(sink: Sink, type: Extract<WireType, { readonly kind: 'struct' }>, { fields }: GobStruct): void {
  let last = -1;
  for (const [index, field] of type.fields.entries()) {
    const value = Object.hasOwn(fields, field.name) ? fields[field.name] : undefined;
    if (value === undefined || isZero(value)) continue;
    sink.out.uint(index - last);
    writePart(sink, field.type, value);
    last = index;
  }
  sink.out.uint(0);
}

function isZero(value: GobValue): boolean {
  if (value instanceof Uint8Array || isList(value)) return value.length === 0;
  return value === null || value === false || value === '' || value === 0 || value === 0n;
}

function isWhole(value: GobValue): value is bigint | number {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}
