import { isPrintable } from './characters.ts';

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
]);

/** How {@link quoteGo} quotes. */
export interface QuoteOptions {
  /** The quote character; `"` unless told. */
  readonly quote?: '"' | "'" | undefined;
  /** Escapes everything outside ASCII. */
  readonly asciiOnly?: boolean | undefined;
}

/** Text as a Go string literal, as `%q` prints it. */
export function quoteGo(text: string, options: QuoteOptions = {}): string {
  const quote = options.quote ?? '"';
  let quoted = quote;
  for (const character of text) quoted += escapeCharacter(character, quote, options.asciiOnly === true);
  return quoted + quote;
}

function escapeCharacter(character: string, quote: string, asciiOnly: boolean): string {
  if (character === quote) return `\\${quote}`;
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (isPrintable(character) && !(asciiOnly && code >= 0x80)) return character;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** The text of a Go string or character literal with its quotes; undefined where Go would refuse it. */
export function unquoteGo(literal: string): string | undefined {
  const quote = literal.slice(0, 1);
  if (literal.length < 2 || !literal.endsWith(quote)) return undefined;
  const inner = literal.slice(1, -1);
  if (quote === '`') return inner.replaceAll('\r', '');
  if (!inner.includes('\\')) return inner;
  return decodeEscapes(inner, quote);
}

function decodeEscapes(inner: string, quote: string): string | undefined {
  // Bytes, because \xNN and \NNN may spell one character in several escapes.
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < inner.length) {
    const slash = inner.indexOf('\\', at);
    if (slash < 0) {
      parts.push(Buffer.from(inner.slice(at)));
      break;
    }
    parts.push(Buffer.from(inner.slice(at, slash)));
    const decoded = decodeEscape(inner, slash + 1, quote);
    if (decoded === undefined) return undefined;
    parts.push(decoded.bytes);
    at = decoded.next;
  }
  return Buffer.concat(parts).toString();
}

interface Escape {
  readonly bytes: Uint8Array;
  readonly next: number;
}

function decodeEscape(text: string, at: number, quote: string): Escape | undefined {
  const letter = text.charAt(at);
  if (letter === quote) return { bytes: Buffer.from(quote), next: at + 1 };
  const simple = simpleEscapes[letter];
  if (simple !== undefined) return { bytes: Buffer.from(simple), next: at + 1 };
  const length = hexLengths[letter];
  if (length === undefined) return decodeOctal(text, at);
  const digits = text.slice(at + 1, at + 1 + length);
  if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 16);
  const next = at + 1 + length;
  if (letter === 'x') return { bytes: Uint8Array.of(code), next };
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { bytes: Buffer.from(String.fromCodePoint(code)), next };
}

function decodeOctal(text: string, at: number): Escape | undefined {
  const digits = text.slice(at, at + 3);
  if (!/^[0-7]{3}$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 8);
  return code > 255 ? undefined : { bytes: Uint8Array.of(code), next: at + 3 };
}
