import { sortedEntries, type Value } from './value.ts';

/** How {@link toGoJson} lays its text out. */
export interface JsonOptions {
  /** Put before each level; without it everything is on one line. */
  readonly indent?: string | undefined;
}

/** JSON as Go's `encoding/json` writes it: sorted keys, and `<`, `>`, `&`, U+2028 and U+2029 escaped. */
export function toGoJson(value: Value, options: JsonOptions = {}): string {
  return encode(value, options.indent, '\n');
}

function encode(value: Value, indent: string | undefined, newline: string): string {
  switch (value.kind) {
    case 'invalid':
      return 'null';
    case 'bool':
      return String(value.data);
    case 'string':
      return encodeString(value.data);
    case 'float':
      // Go and JavaScript agree on the notation of floats in JSON, but for the sign of zero.
      return Object.is(value.data, -0) ? '-0' : String(value.data);
    case 'int':
    case 'uint':
      return value.json === undefined ? value.data.toString() : encodeString(value.json);
    case 'slice':
      if (value.isNil === true) return 'null';
      return enclose(
        '[]',
        value.items.map((item) => [undefined, item]),
        { indent, newline },
      );
    case 'map':
      return enclose('{}', sortedEntries(value), { indent, newline });
    case 'struct':
      return enclose(
        '{}',
        value.fields.map((field) => [field.json ?? field.name, field.value]),
        { indent, newline },
      );
    default:
      return value.target === undefined ? 'null' : encode(value.target, indent, newline);
  }
}

type Member = readonly [string | undefined, Value];

interface Layout {
  readonly indent: string | undefined;
  readonly newline: string;
}

function enclose(brackets: '[]' | '{}', members: readonly Member[], { indent, newline }: Layout): string {
  if (members.length === 0) return brackets;
  const inner = newline + (indent ?? '');
  const colon = indent === undefined ? ':' : ': ';
  const texts = members.map(([key, value]) => {
    const text = encode(value, indent, inner);
    return key === undefined ? text : `${encodeString(key)}${colon}${text}`;
  });
  const [open, close] = [brackets.charAt(0), brackets.charAt(1)];
  if (indent === undefined) return `${open}${texts.join(',')}${close}`;
  return `${open}${inner}${texts.join(`,${inner}`)}${newline}${close}`;
}

function encodeString(text: string): string {
  // An escaped backslash is matched first, lest its second half be taken for the start of "\b".
  return JSON.stringify(text).replace(/\\\\|\\[bf]|[<>&\u2028\u2029]/g, escapeMark);
}

function escapeMark(mark: string): string {
  if (mark === '\\\\') return mark;
  if (mark === '\\b') return '\\u0008';
  if (mark === '\\f') return '\\u000c';
  return `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
