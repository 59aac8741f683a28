/** Flags that a pattern turns on for a part of itself: without regard to case, lines, any character. */
export interface PatternFlags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

/** A part of a pattern in JavaScript's syntax, and how long it is in Go's. */
export interface PatternPart {
  readonly source: string;
  readonly length: number;
}

/** One character as it is, or both its forms. */
export function toCharacter(character: string, { i }: PatternFlags): string {
  const forms = i ? formsOf(character) : [character];
  return forms.length > 1 ? `[${forms.map(codeOf).join('')}]` : codeOf(character);
}

/** What stands behind `(?`. @throws SyntaxError for what only Perl has. */
export function readFlags(
  rest: string,
  before: PatternFlags,
): { readonly flags: PatternFlags; readonly length: number; readonly isGroup: boolean } {
  const [whole, on = '', off = '', ending] = /^\(\?([imsU]*)(?:-([imsU]+))?([:)])/.exec(rest) ?? [];
  if (whole === undefined) throw refused('invalid or unsupported Perl syntax', /^\(\?.?/su.exec(rest)?.[0] ?? rest);
  const flag = (name: string, now: boolean): boolean => (on.includes(name) || now) && !off.includes(name);
  const flags = { i: flag('i', before.i), m: flag('m', before.m), s: flag('s', before.s) };
  return { flags, length: whole.length, isGroup: ending === ':' };
}

/** A backslash and what belongs to it, outside a class. @throws SyntaxError. */
export function readEscape(text: string, at: number, flags: PatternFlags): PatternPart {
  const part = readInClass(text, at);
  return part.code === undefined
    ? { source: `[${part.source}]`, length: part.length }
    : { source: toCharacter(String.fromCodePoint(part.code), flags), length: part.length };
}

/** A class in brackets. @throws SyntaxError. */
export function readClass(text: string, from: number, flags: PatternFlags): PatternPart {
  const isNegated = text[from + 1] === '^';
  let at = from + (isNegated ? 2 : 1);
  const parts: string[] = [];
  for (let isFirst = true; isFirst || text[at] !== ']'; isFirst = false) {
    if (at >= text.length) throw refused('missing closing ]', text.slice(from));
    const low = readInClass(text, at);
    at += low.length;
    const isRange = low.code !== undefined && text[at] === '-' && text[at + 1] !== ']' && at + 1 < text.length;
    if (!isRange || low.code === undefined) {
      parts.push(low.code === undefined ? low.source : formsIn(low.code, low.code, flags));
      continue;
    }
    const high = readInClass(text, at + 1);
    const range = text.slice(at - low.length, at + 1 + high.length);
    if (high.code === undefined) throw refused('invalid escape sequence', text.slice(at + 1, at + 1 + high.length));
    if (high.code < low.code) throw refused('invalid character class range', range);
    parts.push(formsIn(low.code, high.code, flags));
    at += 1 + high.length;
  }
  return { source: `[${isNegated ? '^' : ''}${parts.join('')}]`, length: at + 1 - from };
}

/** A member of a class: a character by its code, or a set of them. */
type Member = PatternPart & { readonly code?: number | undefined };

function readInClass(text: string, at: number): Member {
  const rest = text.slice(at);
  const [posix, caret = '', name = ''] = /^\[:(\^?)(\w+):\]/.exec(rest) ?? [];
  if (posix !== undefined) {
    const set = posixSets[name];
    if (set === undefined) throw refused('invalid character class range', posix);
    return { source: caret === '' ? set : complement(set), length: posix.length };
  }
  if (!rest.startsWith('\\')) {
    const code = rest.codePointAt(0) ?? 0;
    return { source: '', code, length: String.fromCodePoint(code).length };
  }
  return readProperty(rest) ?? readPerl(rest) ?? readCode(rest);
}

function readProperty(rest: string): Member | undefined {
  const [whole, kind, caret, name = ''] = /^\\(p|P)(?:\{(\^?)(\w+)\}|[A-Z])/.exec(rest) ?? [];
  if (whole === undefined) return undefined;
  const property = name === '' ? (whole[2] ?? '') : name;
  const isNegated = (kind === 'P') !== (caret === '^');
  const source = `\\${isNegated ? 'P' : 'p'}{${property.length > 2 ? `Script=${property}` : property}}`;
  try {
    new RegExp(source, 'u');
  } catch {
    throw refused('invalid character class range', whole);
  }
  return { source, length: whole.length };
}

function readPerl(rest: string): Member | undefined {
  const source = perlSets[rest[1] ?? ''];
  return source === undefined ? undefined : { source, length: 2 };
}

function readCode(rest: string): Member {
  if (rest.length === 1) throw new SyntaxError('error parsing regexp: trailing backslash at end of expression: ``');
  const [hex, long, short] = /^\\x(?:\{([\da-fA-F]{1,8})\}|([\da-fA-F]{2}))/.exec(rest) ?? [];
  const octal = /^\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
  const letter = controls[rest[1] ?? ''];
  const code = hex === undefined ? undefined : Number.parseInt(long ?? short ?? '', 16);
  if (hex !== undefined && code !== undefined && code <= 0x10ffff) return { source: '', code, length: hex.length };
  if (octal !== null) return { source: '', code: Number.parseInt(octal[1] ?? '', 8), length: octal[0].length };
  if (letter !== undefined) return { source: '', code: letter, length: 2 };
  const escaped = String.fromCodePoint(rest.codePointAt(1) ?? 0);
  if (!/^[!-/:-@[-`{-~]$/.test(escaped)) throw refused('invalid escape sequence', badEscape(rest) ?? `\\${escaped}`);
  return { source: '', code: escaped.codePointAt(0), length: 2 };
}

/** A hexadecimal escape up to where it goes wrong. */
function badEscape(rest: string): string | undefined {
  return /^\\x(?:\{[\da-f]*|[\da-f]?.?)/isu.exec(rest)?.[0];
}

/** A range of a class, with the other forms of its letters where case does not matter. */
function formsIn(low: number, high: number, { i }: PatternFlags): string {
  const range = low === high ? codeOf(String.fromCodePoint(low)) : `${unicode(low)}-${unicode(high)}`;
  if (!i) return range;
  if (low === high) return formsOf(String.fromCodePoint(low)).map(codeOf).join('');
  // What is beyond the first planes of letters has no two forms worth the time.
  const letters = Array.from({ length: Math.min(high, 0x2fff) - low + 1 }, (_, index) =>
    String.fromCodePoint(low + index),
  );
  const others = letters
    .flatMap(formsOf)
    .filter((form) => (form.codePointAt(0) ?? 0) < low || (form.codePointAt(0) ?? 0) > high);
  return range + [...new Set(others)].map(codeOf).join('');
}

function formsOf(character: string): readonly string[] {
  const forms = [character, character.toLowerCase(), character.toUpperCase()];
  return [...new Set(forms)].filter((form) => [...form].length === 1);
}

function codeOf(character: string): string {
  return /^[A-Za-z0-9]$/.test(character) ? character : unicode(character.codePointAt(0) ?? 0);
}

function unicode(code: number): string {
  return `\\u{${code.toString(16)}}`;
}

/** All but the ranges of an ASCII class. */
function complement(set: string): string {
  const inside = new RegExp(`[${set}]`, 'u');
  const others = Array.from({ length: 128 }, (_, code) => code).filter(
    (code) => !inside.test(String.fromCodePoint(code)),
  );
  return `${others.map(unicode).join('')}\\u{80}-\\u{10ffff}`;
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

const perlSets: Readonly<Record<string, string>> = {
  d: '0-9',
  D: '\\D',
  s: '\\t\\n\\f\\r\\u{20}',
  S: '\\u{0}-\\u{8}\\u{b}\\u{e}-\\u{1f}\\u{21}-\\u{10ffff}',
  w: '0-9A-Za-z_',
  W: '\\W',
};

const posixSets: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\u{0}-\\u{7f}',
  blank: '\\t\\u{20}',
  cntrl: '\\u{0}-\\u{1f}\\u{7f}',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: '\\u{20}-~',
  punct: '!-\\u{2f}:-@\\u{5b}-\\u{60}\\u{7b}-~',
  space: '\\t\\n\\v\\f\\r\\u{20}',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

function refused(what: string, where: string): SyntaxError {
  return new SyntaxError(`error parsing regexp: ${what}: \`${where}\``);
}
