/**
 * What a gob can hold. An integer is a `number` where that is exact, else a `bigint`; an array or slice is a list; a complex number is a
 * list of its two parts; the nil interface is null.
 */
export type GobValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly GobValue[]
  | ReadonlyMap<GobValue, GobValue>
  | GobStruct
  | GobInterface;

/** Fields that are zero are not sent, so they are missing. The object has no prototype: names come from the other side. */
export interface GobStruct {
  readonly fields: Readonly<Record<string, GobValue>>;
}

/** A value and the number that its type has on this connection. */
export interface TypedValue {
  readonly type: number;
  readonly value: GobValue;
}

/** A value in a place of an interface type: Go finds its type by the registered name. */
export interface GobInterface extends TypedValue {
  readonly concrete: string;
}

export function isStruct(value: GobValue | undefined): value is GobStruct {
  return isObject(value) && 'fields' in value;
}

export function isInterface(value: GobValue | undefined): value is GobInterface {
  return isObject(value) && 'concrete' in value;
}

export function isList(value: GobValue | undefined): value is readonly GobValue[] {
  return Array.isArray(value);
}

function isObject(value: GobValue | undefined): value is GobStruct | GobInterface {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && !(value instanceof Map);
}
