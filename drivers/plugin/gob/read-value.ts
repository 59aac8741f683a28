import type { ByteReader } from './byte-reader.ts';
import { parseDefinition } from './definition.ts';
import { GobError } from './gob-error.ts';
import type { GobInterface, GobStruct, GobValue } from './gob-value.ts';
import { builtInTypes, definitionType, firstDefinedType, type WireType } from './wire-type.ts';

/** What has been learnt of the other side's types; grows while values are read. */
export type DefinedTypes = Map<number, WireType>;

type Kind<Name extends WireType['kind']> = Extract<WireType, { readonly kind: Name }>;

/** Deeper values are not meant to be read by anybody. */
const deepest = 100;
/** Far more than any program has; each may come in a message of its own, and a value is read anew for each. */
const mostTypes = 250;
/** A byte can stand for an object, which takes a hundred times as much memory. */
const mostParts = 100_000;

interface Source {
  readonly reader: ByteReader;
  readonly types: DefinedTypes;
  parts: number;
}

/**
 * Reads one value and the definitions before and in it.
 * Specification: https://pkg.go.dev/encoding/gob, "Encoding Details".
 *
 * @throws GobError, or MessageMissing where the value goes on in a message that is not there.
 */
export function readValue(reader: ByteReader, types: DefinedTypes): GobValue {
  const source = { reader, types, parts: 0 };
  const value = readWhole(source, readTypeId(source, false), 0);
  if (!reader.isAtEnd) throw new GobError('a message is longer than its value');
  return value;
}

/**
 * The number of a value's type, after any definitions. Go's encoder ends a message after a definition that belongs to an interface in a
 * value, and the value goes on in the next message; deeper in a value, the length of the next message stands in the same one.
 */
function readTypeId(source: Source, isInValue: boolean): number {
  const { reader } = source;
  let id = reader.typeId();
  while (id < 0) {
    define(source, -id);
    if (reader.isAtEnd) reader.nextMessage();
    else if (isInValue) reader.count();
    else throw new GobError('a message is longer than its definition');
    id = reader.typeId();
  }
  return id;
}

function define(source: Source, id: number): void {
  const { types } = source;
  if (id < firstDefinedType || types.has(id)) throw new GobError(`type ${id} is defined twice`);
  if (types.size === mostTypes) throw new GobError(`more than ${mostTypes} types are defined`);
  types.set(id, parseDefinition(readWhole(source, definitionType, 0)));
}

/** A value that is not part of another: where it is no struct, a zero stands before it. */
function readWhole(source: Source, id: number, depth: number): GobValue {
  if (typeOf(source, id).kind !== 'struct' && source.reader.count() !== 0)
    throw new GobError(`no value of type ${id} begins here`);
  return readPart(source, id, depth);
}

function readPart(source: Source, id: number, depth: number): GobValue {
  if (depth > deepest) throw new GobError(`a value is nested deeper than ${deepest} times`);
  source.parts += 1;
  if (source.parts > mostParts) throw new GobError(`a value has more than ${mostParts} parts`);
  const { reader } = source;
  const type = typeOf(source, id);
  switch (type.kind) {
    case 'bool':
      return reader.uint() !== 0;
    case 'int':
      return reader.int();
    case 'uint':
      return reader.uint();
    case 'float':
      return reader.float();
    case 'complex':
      return [reader.float(), reader.float()];
    case 'bytes':
      return reader.bytes();
    case 'string':
      return reader.text();
    case 'interface':
      return readInterface(source, depth);
    case 'array':
    case 'slice':
      return readList(source, type, depth);
    case 'map':
      return readMap(source, type, depth);
    case 'struct':
      return readStruct(source, type, depth);
    case 'opaque':
      throw new GobError(`values of the type "${type.name}" are encoded by Go code of their own`);
  }
}

function typeOf({ types }: Source, id: number): WireType {
  const type = builtInTypes.get(id) ?? types.get(id);
  if (type === undefined) throw new GobError(`type ${id} is not defined`);
  return type;
}

/** The length that stands before the value helps those who skip it; it can be that of a first piece. */
function readInterface(source: Source, depth: number): GobInterface | null {
  const concrete = source.reader.text();
  if (concrete === '') return null;
  const type = readTypeId(source, true);
  source.reader.count();
  return { concrete, type, value: readWhole(source, type, depth + 1) };
}

/** Grows with what is there: each element takes a byte at least, so a false count ends with the message. */
function readList(source: Source, type: Kind<'array' | 'slice'>, depth: number): readonly GobValue[] {
  const count = source.reader.count();
  if (type.kind === 'array' && count !== type.length)
    throw new GobError(`an array of ${type.length} elements comes with ${count}`);
  const list: GobValue[] = [];
  while (list.length < count) list.push(readPart(source, type.element, depth + 1));
  return list;
}

function readMap(source: Source, type: Kind<'map'>, depth: number): ReadonlyMap<GobValue, GobValue> {
  const count = source.reader.count();
  const map = new Map<GobValue, GobValue>();
  for (let index = 0; index < count; index += 1) {
    const key = readPart(source, type.key, depth + 1);
    map.set(key, readPart(source, type.element, depth + 1));
  }
  return map;
}

/** Each field is numbered by its distance to the one before; a zero ends the struct. */
function readStruct(source: Source, type: Kind<'struct'>, depth: number): GobStruct {
  const fields: Record<string, GobValue> = Object.create(null);
  let index = -1;
  for (;;) {
    const delta = source.reader.count();
    if (delta === 0) return { fields };
    index += delta;
    const field = type.fields[index];
    if (field === undefined) throw new GobError(`"${type.name}" has no field ${index}`);
    fields[field.name] = readPart(source, field.type, depth + 1);
  }
}
