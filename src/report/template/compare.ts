import { refuse } from './failure.ts';
import { plainSpec } from './format-spec.ts';
import { describeValue, formatArgument } from './format-value.ts';
import { isNil, typeName, unwrapInterface, type Value } from './value.ts';

/** Go's `eq`: true when the first value equals any of the others. */
export function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) refuse('missing argument for comparison');
  const left = unwrapInterface(first);
  return others.some((other) => equals(left, unwrapInterface(other)));
}

function equals(left: Value, right: Value): boolean {
  if (isWhole(left) && isWhole(right)) return left.data === right.data;
  if (isBasic(left) && isBasic(right) && left.kind === right.kind) return left.data === right.data;
  if (isBasic(left) || isBasic(right)) {
    if (left.kind !== 'invalid' && right.kind !== 'invalid') refuse('incompatible types for comparison');
    return false;
  }
  return equalsComposite(left, right);
}

function equalsComposite(left: Value, right: Value): boolean {
  const comparable = left.kind === right.kind || left.kind === 'invalid' || right.kind === 'invalid';
  if (!comparable) {
    const shown = formatArgument(right, plainSpec);
    refuse(`non-comparable types ${describeValue(left)}: ${typeName(left)}, ${typeName(right)}: ${shown}`);
  }
  const [leftNil, rightNil] = [left, right].map((value) => value.kind === 'invalid' || isNil(value));
  if (leftNil === true || rightNil === true) return leftNil === rightNil;
  if (right.kind !== 'pointer') refuse(`non-comparable type ${describeValue(right)}: ${typeName(right)}`);
  return left === right;
}

/** Go's `lt`, for numbers of one sort and strings (by their UTF-8 bytes). */
export function isLess(first: Value, second: Value): boolean {
  const left = unwrapInterface(first);
  const right = unwrapInterface(second);
  if (!isBasic(left) || !isBasic(right)) return refuse('invalid type for comparison');
  if (isWhole(left) && isWhole(right)) return left.data < right.data;
  if (left.kind !== right.kind) refuse('incompatible types for comparison');
  if (left.kind === 'bool') refuse('invalid type for comparison');
  if (left.kind === 'string' && right.kind === 'string') {
    return Buffer.compare(Buffer.from(left.data), Buffer.from(right.data)) < 0;
  }
  return left.data < right.data;
}

type Whole = Extract<Value, { kind: 'int' | 'uint' }>;
type Basic = Extract<Value, { kind: 'bool' | 'string' | 'int' | 'uint' | 'float' }>;

function isWhole(value: Value): value is Whole {
  return value.kind === 'int' || value.kind === 'uint';
}

function isBasic(value: Value): value is Basic {
  return isWhole(value) || value.kind === 'bool' || value.kind === 'string' || value.kind === 'float';
}
