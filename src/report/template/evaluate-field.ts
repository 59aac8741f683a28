import { indirect, invalid, stringValue, typeName, type Value } from './value.ts';

/** A field asked of a value. */
export interface FieldRequest {
  readonly name: string;
  /** Arguments were given, which only functions take. */
  readonly hasArguments: boolean;
  readonly fail: (reason: string) => never;
}

/** The field of a struct, the entry of a map, or what a method without arguments answers. */
export function evaluateField(receiver: Value, request: FieldRequest): Value {
  const { name, fail } = request;
  if (receiver.kind === 'invalid') return invalid;
  const type = typeName(receiver);
  const holder = indirect(receiver);
  if (holder.kind === 'interface') return fail(`nil pointer evaluating ${type}.${name}`);
  const method = findMethod(holder, name);
  if (method !== undefined) {
    return request.hasArguments ? fail(`wrong number of args for ${name}: want 0 got 1`) : method;
  }
  if (holder.kind === 'struct') {
    const field = holder.fields.find((candidate) => candidate.name === name);
    if (field !== undefined && request.hasArguments) fail(`${name} has arguments but cannot be invoked as function`);
    if (field !== undefined) return field.value;
  }
  if (holder.kind === 'map') {
    if (request.hasArguments) fail(`${name} is not a method but has arguments`);
    return holder.entries.get(name) ?? invalid;
  }
  if (holder.kind === 'pointer' && holder.fieldNames.includes(name)) fail(`nil pointer evaluating ${type}.${name}`);
  return fail(`can't evaluate field ${name} in type ${type}`);
}

function findMethod(value: Value, name: string): Value | undefined {
  if (value.kind !== 'int' && value.kind !== 'uint' && value.kind !== 'struct') return undefined;
  if (name === 'String' && value.kind !== 'struct' && value.text !== undefined) return stringValue(value.text);
  return value.methods !== undefined && Object.hasOwn(value.methods, name) ? value.methods[name] : undefined;
}
