import { formatFloatVerb, formatInteger, formatString } from './format-scalar.ts';
import { type FormatSpec, pad, plainSpec } from './format-spec.ts';
import {
  indirect,
  type MapValue,
  type StructValue,
  sortedEntries,
  typeName,
  unwrapInterface,
  type Value,
} from './value.ts';

/** Formats one argument of a print function by a verb. */
export function formatArgument(argument: Value, spec: FormatSpec): string {
  const value = unwrapInterface(argument);
  if (value.kind === 'invalid') {
    return spec.verb === 'v' || spec.verb === 'T' ? pad('<nil>', spec) : `%!${spec.verb}(<nil>)`;
  }
  if (spec.verb === 'T') return formatString(typeName(value), { ...spec, verb: 's' }) ?? '';
  return formatNested(value, spec);
}

/** Go's `Sprint`: blanks only between two operands neither of which is a string. */
export function sprint(values: readonly Value[]): string {
  let text = '';
  let wasString = true;
  for (const boxed of values) {
    const value = unwrapInterface(boxed);
    const isString = value.kind === 'string';
    if (!isString && !wasString) text += ' ';
    text += formatArgument(value, plainSpec);
    wasString = isString;
  }
  return text;
}

/** Go's `Sprintln`: blanks between all operands, and a newline. */
export function sprintln(values: readonly Value[]): string {
  return `${values.map((value) => formatArgument(value, plainSpec)).join(' ')}\n`;
}

/** What an action prints for its value: pointers are followed, no value is `<no value>`. */
export function printableValue(value: Value): Value {
  const shown = value.kind === 'pointer' ? indirect(value) : value;
  return shown.kind === 'invalid' ? { kind: 'string', data: '<no value>' } : shown;
}

function formatNested(value: Value, spec: FormatSpec): string {
  switch (value.kind) {
    case 'invalid':
      return '<nil>';
    case 'interface':
      return formatInterface(value.target, spec);
    case 'slice':
      return formatSlice(value, spec);
    case 'map':
      return formatMap(value, spec);
    case 'struct':
      return formatStruct(value, spec);
    case 'pointer':
      return formatPointer(value.target, typeName(value), spec) ?? complain(value, spec);
    default:
      return formatScalar(value, spec) ?? complain(value, spec);
  }
}

type Scalar = Extract<Value, { kind: 'bool' | 'string' | 'int' | 'uint' | 'float' }>;

function formatScalar(value: Scalar, spec: FormatSpec): string | undefined {
  switch (value.kind) {
    case 'bool':
      return spec.verb === 't' || spec.verb === 'v' ? pad(String(value.data), spec) : undefined;
    case 'string':
      return formatString(value.data, spec);
    case 'float':
      return formatFloatVerb(value.data, spec);
    default: {
      const speaks = value.text !== undefined && !spec.complaining && !spec.goSyntax && 'vsxXq'.includes(spec.verb);
      if (speaks) return formatString(value.text ?? '', spec);
      const inHex = spec.goSyntax && spec.verb === 'v' && value.kind === 'uint';
      return formatInteger(value.data, inHex ? { ...spec, verb: 'x', sharp: true } : spec);
    }
  }
}

/** Go's way to say that a verb does not fit: `%!d(string=x)`. */
function complain(value: Value, spec: FormatSpec): string {
  const shown = formatNested(value, { ...spec, verb: 'v', complaining: true });
  return `%!${spec.verb}(${typeName(value)}=${shown})`;
}

function formatInterface(target: Value | undefined, spec: FormatSpec): string {
  if (target !== undefined) return formatNested(target, spec);
  return spec.goSyntax ? 'interface {}(nil)' : '<nil>';
}

function formatSlice({ items, type, isNil }: Extract<Value, { kind: 'slice' }>, spec: FormatSpec): string {
  const shown = items.map((item) => formatNested(item, spec));
  if (!spec.goSyntax) return `[${shown.join(' ')}]`;
  return isNil === true ? `${type}(nil)` : `${type}{${shown.join(', ')}}`;
}

function formatMap(map: MapValue, spec: FormatSpec): string {
  const shown = sortedEntries(map).map(([key, value]) => {
    const name = formatString(key, spec) ?? complain({ kind: 'string', data: key }, spec);
    return `${name}:${formatNested(value, spec)}`;
  });
  return spec.goSyntax ? `${map.type}{${shown.join(', ')}}` : `map[${shown.join(' ')}]`;
}

function formatStruct({ type, fields }: StructValue, spec: FormatSpec): string {
  const named = spec.namesFields || spec.goSyntax;
  const shown = fields.map(({ name, value }) => `${named ? `${name}:` : ''}${formatNested(value, spec)}`);
  return spec.goSyntax ? `${type}{${shown.join(', ')}}` : `{${shown.join(' ')}}`;
}

function formatPointer(target: Value | undefined, type: string, spec: FormatSpec): string | undefined {
  // Go shows the address of a pointer inside another value; what it points at says more.
  if (target !== undefined) return `&${formatNested(target, spec)}`;
  if (spec.verb !== 'v') return undefined;
  return spec.goSyntax ? `(${type})(nil)` : pad('<nil>', spec);
}

/** A value as `%s` shows it; Go uses this inside some error messages. */
export function describeValue(value: Value): string {
  return value.kind === 'string' ? value.data : formatArgument(value, { ...plainSpec, verb: 's' });
}
