import { isAlphaNumeric } from './characters.ts';
import { quoteGo, unquoteGo } from './quote.ts';

/** A number written in a template: whole numbers are bigint, all others are `float64`. */
export type NumberConstant =
  | { readonly ok: true; readonly value: bigint | number }
  | { readonly ok: false; readonly reason: string };

/** The end of the number that starts at an offset, and whether nothing clings to it. */
export function scanNumber(text: string, start: number): { readonly end: number; readonly ok: boolean } {
  let at = skipOne(text, start, '+-');
  const prefix = text.charAt(at) === '0' ? text.charAt(at + 1).toLowerCase() : '';
  const digits = prefixDigits[prefix] ?? '0123456789_';
  if (prefixDigits[prefix] !== undefined) at += 2;
  at = skipRun(text, at, digits);
  if (text.charAt(at) === '.') at = skipRun(text, at + 1, digits);
  const exponent = prefix === 'x' ? 'pP' : prefixDigits[prefix] === undefined ? 'eE' : '';
  if (text.charAt(at) !== '' && exponent.includes(text.charAt(at)) && exponent !== '') {
    at = skipRun(text, skipOne(text, at + 1, '+-'), '0123456789_');
  }
  at = skipOne(text, at, 'i');
  const code = text.codePointAt(at);
  const clinging = code === undefined ? '' : String.fromCodePoint(code);
  return isAlphaNumeric(clinging) ? { end: at + clinging.length, ok: false } : { end: at, ok: true };
}

const prefixDigits: Readonly<Record<string, string>> = {
  x: '0123456789abcdefABCDEF_',
  o: '01234567_',
  b: '01_',
};

function skipOne(text: string, at: number, accepted: string): number {
  const character = text.charAt(at);
  return character !== '' && accepted.includes(character) ? at + 1 : at;
}

function skipRun(text: string, start: number, accepted: string): number {
  let at = start;
  while (at < text.length && accepted.includes(text.charAt(at))) at++;
  return at;
}

/** Reads a number or character constant by Go's rules; imaginary numbers are refused. */
export function parseNumber(text: string): NumberConstant {
  if (text.startsWith("'")) return parseCharacter(text);
  const whole = parseWhole(text);
  if (whole !== undefined) {
    if (whole >= -(2n ** 63n) && whole < 2n ** 64n) return { ok: true, value: whole };
    return { ok: false, reason: `integer overflow: ${quoteGo(text)}` };
  }
  // One branch per position, so the expression cannot backtrack far.
  const isDecimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text);
  const value = isDecimal ? Number(text) : Number.NaN;
  if (isDecimal && !/[.eE]/.test(text)) return { ok: false, reason: `integer overflow: ${quoteGo(text)}` };
  if (Number.isFinite(value)) return { ok: true, value };
  return { ok: false, reason: `illegal number syntax: ${quoteGo(text)}` };
}

function parseWhole(text: string): bigint | undefined {
  const match = /^([+-]?)(0[xX]_?[0-9a-fA-F]|0[oO]?_?[0-7]|0[bB]_?[01]|[1-9]|0)([0-9a-fA-F_]*)$/.exec(text);
  if (match === null) return undefined;
  const body = `${match[2]}${match[3]}`;
  if (body.includes('__') || body.endsWith('_')) return undefined;
  const plain = body.replaceAll('_', '').toLowerCase();
  const digits = /^0[0-9]/.test(plain) ? `0o${plain.slice(1)}` : plain;
  if (!/^(0x[0-9a-f]+|0o[0-7]+|0b[01]+|[0-9]+)$/.test(digits)) return undefined;
  const magnitude = BigInt(digits);
  return match[1] === '-' ? -magnitude : magnitude;
}

function parseCharacter(text: string): NumberConstant {
  const decoded = unquoteGo(text);
  if (decoded === undefined || decoded === '') return { ok: false, reason: 'invalid syntax' };
  const [character = '', ...rest] = decoded;
  if (rest.length > 0) {
    return { ok: false, reason: `malformed character constant: ${text}` };
  }
  return { ok: true, value: BigInt(character.codePointAt(0) ?? 0) };
}
