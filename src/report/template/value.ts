/** A named integer type with text of its own, such as Go's `time.Duration`. */
interface IntegerMethods {
  /** What Go's `String()` answers, where the type has one. */
  readonly text?: string | undefined;
  /** Methods without arguments that a template may call, beside `String`. */
  readonly methods?: Readonly<Record<string, Value>> | undefined;
  /** What JSON shows instead of the number. */
  readonly json?: string | undefined;
}

/** A field of a Go struct; `json` is its name in JSON where that differs. */
export interface StructField {
  readonly name: string;
  readonly json?: string | undefined;
  readonly value: Value;
}

/** A value as Go's reflection sees it: a kind, the name of its type, and what it holds. */
export type Value =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'bool'; readonly data: boolean }
  | { readonly kind: 'string'; readonly data: string }
  | ({ readonly kind: 'int' | 'uint'; readonly type: string; readonly data: bigint } & IntegerMethods)
  | { readonly kind: 'float'; readonly data: number }
  | { readonly kind: 'slice'; readonly type: string; readonly items: readonly Value[]; readonly isNil?: boolean }
  | MapValue
  | StructValue
  | PointerValue
  | InterfaceValue;

/** A Go map with string keys. */
export interface MapValue {
  readonly kind: 'map';
  readonly type: string;
  /** What a missing key yields when asked for with `index`. */
  readonly zero: Value;
  readonly entries: ReadonlyMap<string, Value>;
}

/** A Go struct; fields keep their order. */
export interface StructValue {
  readonly kind: 'struct';
  readonly type: string;
  readonly fields: readonly StructField[];
  /** Methods without arguments: a template may ask for them, and nothing prints them unasked. */
  readonly methods?: Readonly<Record<string, Value>> | undefined;
}

/** A pointer to a struct. */
interface PointerValue {
  readonly kind: 'pointer';
  readonly type: string;
  readonly target: Value | undefined;
  /** The fields its struct would have, for messages about a nil pointer. */
  readonly fieldNames: readonly string[];
}

/** Go's `interface {}`: anything, or nil. */
export interface InterfaceValue {
  readonly kind: 'interface';
  readonly target: Value | undefined;
}

/** The absence of a value, printed as `<no value>`. */
export const invalid: Value = { kind: 'invalid' };

/** A nil `interface {}`, printed as `<nil>` inside other values. */
export const nilInterface: InterfaceValue = { kind: 'interface', target: undefined };

/** A Go `bool`. */
export function boolValue(data: boolean): Value {
  return { kind: 'bool', data };
}

/** A Go `string`. */
export function stringValue(data: string): Value {
  return { kind: 'string', data };
}

/** A Go `int`. */
export function intValue(data: number | bigint): Value {
  return { kind: 'int', type: 'int', data: BigInt(data) };
}

/** A Go `float64`. */
export function floatValue(data: number): Value {
  return { kind: 'float', data };
}

/** A Go `[]string`; null stands for the nil slice. */
export function stringSlice(data: readonly string[] | null): Value {
  const items = (data ?? []).map(stringValue);
  return data === null
    ? { kind: 'slice', type: '[]string', items, isNil: true }
    : { kind: 'slice', type: '[]string', items };
}

/** A Go `map[string]string`. */
export function stringMap(data: Readonly<Record<string, string>>): Value {
  const entries = new Map(Object.entries(data).map(([key, text]) => [key, stringValue(text)]));
  return { kind: 'map', type: 'map[string]string', zero: stringValue(''), entries };
}

/** Parsed JSON as Go's decoder yields it: numbers are `float64`, objects are `map[string]interface {}`. */
export function fromJson(data: unknown): Value {
  if (data === null || data === undefined) return invalid;
  if (typeof data === 'boolean') return boolValue(data);
  if (typeof data === 'number') return floatValue(data);
  if (typeof data === 'string') return stringValue(data);
  if (Array.isArray(data)) return { kind: 'slice', type: '[]interface {}', items: data.map(boxJson) };
  const entries = new Map(Object.entries(data).map(([key, item]) => [key, boxJson(item)]));
  return { kind: 'map', type: 'map[string]interface {}', zero: nilInterface, entries };
}

function boxJson(data: unknown): InterfaceValue {
  const target = fromJson(data);
  return target.kind === 'invalid' ? nilInterface : { kind: 'interface', target };
}

/** The name of a value's type, as Go prints it. */
export function typeName(value: Value): string {
  switch (value.kind) {
    case 'invalid':
      return '<nil>';
    case 'interface':
      return 'interface {}';
    case 'float':
      return 'float64';
    case 'bool':
    case 'string':
      return value.kind;
    default:
      return value.type;
  }
}

/** What an interface holds, or the value itself; a nil interface becomes the invalid value. */
export function unwrapInterface(value: Value): Value {
  return value.kind === 'interface' ? (value.target ?? invalid) : value;
}

/** Follows pointers and interfaces to the end; a nil on the way is returned as it is. */
export function indirect(value: Value): Value {
  let end = value;
  while ((end.kind === 'pointer' || end.kind === 'interface') && end.target !== undefined) end = end.target;
  return end;
}

/** True for a nil pointer, interface or slice. */
export function isNil(value: Value): boolean {
  if (value.kind === 'pointer' || value.kind === 'interface') return value.target === undefined;
  return value.kind === 'slice' && value.isNil === true;
}

/** Whether `if`, `and`, `or` and `not` take the value as true: anything but the zero of its kind. */
export function isTrue(boxed: Value): boolean {
  const value = unwrapInterface(boxed);
  switch (value.kind) {
    case 'invalid':
      return false;
    case 'bool':
      return value.data;
    case 'string':
      return value.data !== '';
    case 'int':
    case 'uint':
      return value.data !== 0n;
    case 'float':
      return value.data !== 0;
    case 'slice':
      return value.items.length > 0;
    case 'map':
      return value.entries.size > 0;
    case 'struct':
      return true;
    default:
      return value.target !== undefined;
  }
}

/** The entries of a map in the order Go shows them: keys by their UTF-8 bytes. */
export function sortedEntries(map: MapValue): readonly (readonly [string, Value])[] {
  return [...map.entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
