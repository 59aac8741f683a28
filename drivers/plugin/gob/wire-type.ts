/** A type as a gob describes it; other types are named by their numbers. */
export type WireType =
  | { readonly kind: BasicKind }
  | { readonly kind: 'array'; readonly element: number; readonly length: number }
  | { readonly kind: 'slice'; readonly element: number }
  | { readonly kind: 'map'; readonly key: number; readonly element: number }
  | { readonly kind: 'struct'; readonly name: string; readonly fields: readonly WireField[] }
  /** Encoded by methods of its own, which are Go code. */
  | { readonly kind: 'opaque'; readonly name: string };

export interface WireField {
  readonly name: string;
  readonly type: number;
}

type BasicKind = 'bool' | 'int' | 'uint' | 'float' | 'bytes' | 'string' | 'complex' | 'interface';

/** The numbers of the basic types. */
export const basic = {
  bool: 1,
  int: 2,
  uint: 3,
  float: 4,
  bytes: 5,
  string: 6,
  complex: 7,
  interface: 8,
} as const;

/** The type of definitions, which are values themselves. */
export const definitionType = 16;
/** Numbers below are the same everywhere and are never defined on the wire. */
export const firstDefinedType = 64;

const [commonType, elementKind] = [18, basic.int];

/**
 * The types that both sides know: the basic ones, and those that describe others.
 * Specification: https://pkg.go.dev/encoding/gob, "Encoding Details".
 */
export const builtInTypes: ReadonlyMap<number, WireType> = new Map<number, WireType>([
  ...Object.entries(basic).map(([kind, number]): [number, WireType] => [number, { kind: kind as BasicKind }]),
  [definitionType, struct('wireType', { ArrayT: 17, SliceT: 19, StructT: 20, MapT: 23, ...byMethods() })],
  [17, struct('arrayType', { CommonType: commonType, Elem: elementKind, Len: basic.int })],
  [commonType, struct('CommonType', { Name: basic.string, Id: basic.int })],
  [19, struct('sliceType', { CommonType: commonType, Elem: elementKind })],
  [20, struct('structType', { CommonType: commonType, Field: 22 })],
  [21, struct('fieldType', { Name: basic.string, Id: basic.int })],
  [22, { kind: 'slice', element: 21 }],
  [23, struct('mapType', { CommonType: commonType, Key: elementKind, Elem: elementKind })],
  [24, struct('gobEncoderType', { CommonType: commonType })],
]);

function byMethods(): Readonly<Record<string, number>> {
  return { GobEncoderT: 24, BinaryMarshalerT: 24, TextMarshalerT: 24 };
}

function struct(name: string, fields: Readonly<Record<string, number>>): WireType {
  return { kind: 'struct', name, fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })) };
}
