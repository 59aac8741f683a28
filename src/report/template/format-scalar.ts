import { isPrintable } from './characters.ts';
import { type FloatLayout, formatFloat } from './format-float.ts';
import { type FormatSpec, pad } from './format-spec.ts';
import { quoteGo } from './quote.ts';

/** Formats a string by `%v`, `%s`, `%q`, `%x` or `%X`; undefined for other verbs. */
export function formatString(text: string, spec: FormatSpec): string | undefined {
  switch (spec.verb) {
    case 'v':
      return spec.goSyntax ? formatQuoted(text, spec) : pad(truncate(text, spec), spec);
    case 's':
      return pad(truncate(text, spec), spec);
    case 'q':
      return formatQuoted(text, spec);
    case 'x':
      return pad(formatBytes(text, spec), spec);
    case 'X':
      return pad(formatBytes(text, spec).toUpperCase(), spec);
    default:
      return undefined;
  }
}

function truncate(text: string, { precision }: FormatSpec): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function formatQuoted(text: string, spec: FormatSpec): string {
  const shown = truncate(text, spec);
  const isRaw = spec.sharp && !/[`\ufeff\x7f]/.test(shown) && !hasControl(shown);
  return pad(isRaw ? `\`${shown}\`` : quoteGo(shown, { asciiOnly: spec.plus }), spec);
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && code !== 9) return true;
  }
  return false;
}

function formatBytes(text: string, { precision, sharp, space }: FormatSpec): string {
  const bytes = [...Buffer.from(text).subarray(0, precision)].map((byte) => byte.toString(16).padStart(2, '0'));
  if (bytes.length === 0) return '';
  const prefix = sharp ? '0x' : '';
  return space ? bytes.map((byte) => prefix + byte).join(' ') : prefix + bytes.join('');
}

const bases: Readonly<Record<string, 2 | 8 | 10 | 16>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

/** Formats a whole number; undefined for verbs that do not apply to one. */
export function formatInteger(value: bigint, spec: FormatSpec): string | undefined {
  const base = bases[spec.verb];
  if (base !== undefined) return formatDigits(value, base, spec);
  const character = value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : '\ufffd';
  switch (spec.verb) {
    case 'c':
      return pad(character, spec);
    case 'q':
      return pad(quoteGo(character, { quote: "'", asciiOnly: spec.plus }), spec);
    case 'U':
      return pad(formatCodePoint(value, character, spec), { ...spec, zero: false });
    default:
      return undefined;
  }
}

function formatCodePoint(value: bigint, character: string, { precision, sharp }: FormatSpec): string {
  const digits = BigInt.asUintN(64, value).toString(16).toUpperCase();
  const shown = sharp && isPrintable(character) && value <= 0x10ffffn ? ` '${character}'` : '';
  return `U+${digits.padStart(Math.max(4, precision ?? 0), '0')}${shown}`;
}

function formatDigits(value: bigint, base: 2 | 8 | 10 | 16, spec: FormatSpec): string {
  const blank = { ...spec, zero: false };
  if (spec.precision === 0 && value === 0n) return pad('', blank);
  const sign = value < 0n ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
  let digits = (value < 0n ? -value : value).toString(base);
  // With a precision, the zero flag means nothing: blanks fill the width.
  const filled = spec.zero ? (spec.width ?? 0) - sign.length : 0;
  digits = digits.padStart(spec.precision ?? filled, '0');
  const text = `${sign}${basePrefix(digits, base, spec)}${digits}`;
  return pad(spec.verb === 'X' ? text.toUpperCase() : text, blank);
}

function basePrefix(digits: string, base: number, { sharp, verb }: FormatSpec): string {
  const octal = verb === 'O' ? '0o' : '';
  if (!sharp) return octal;
  if (base === 2) return '0b';
  if (base === 16) return '0x';
  return base === 8 && !digits.startsWith('0') ? `${octal}0` : octal;
}

const layouts: Readonly<Record<string, FloatLayout>> = {
  v: 'g',
  g: 'g',
  G: 'g',
  e: 'e',
  E: 'e',
  f: 'f',
  F: 'f',
  x: 'x',
  X: 'x',
  b: 'b',
};

/** Formats a `float64`; undefined for verbs that do not apply to one. */
export function formatFloatVerb(value: number, spec: FormatSpec): string | undefined {
  const layout = layouts[spec.verb];
  if (layout === undefined) return undefined;
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = isNegative ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
  const plain = formatFloat(Math.abs(value), layout, spec.precision);
  const digits = 'EGX'.includes(spec.verb) ? plain.toUpperCase() : plain;
  if (!spec.zero || spec.width === undefined) return pad(sign + digits, spec);
  return sign + digits.padStart(spec.width - sign.length, '0');
}
