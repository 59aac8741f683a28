import {
  type PatternFlags,
  type PatternPart,
  readClass,
  readEscape,
  readFlags,
  toCharacter,
} from './go-pattern-parts.ts';

/**
 * A regular expression in Go's syntax (https://github.com/google/re2/wiki/Syntax) as one of JavaScript that matches the same names. The
 * two differ in flags inside the pattern, in classes such as `[[:alpha:]]`, and in what they refuse.
 *
 * @throws SyntaxError with Go's words for what is wrong.
 */
export function parseGoPattern(text: string): RegExp {
  const reader: Reader = {
    text,
    at: 0,
    flags: { i: false, m: false, s: false },
    open: [],
    before: 'nothing',
    out: [],
  };
  while (reader.at < text.length) {
    const { source, length, repeats = 'something' } = readNext(reader);
    reader.out.push(source);
    reader.at += length;
    reader.before = repeats;
  }
  if (reader.open.length > 0) throw refused('missing closing )', text);
  return new RegExp(reader.out.join(''), 'u');
}

interface Reader {
  readonly text: string;
  at: number;
  flags: PatternFlags;
  /** Flags to return to at each closing parenthesis. */
  readonly open: PatternFlags[];
  before: Before;
  readonly out: string[];
}

/** What a repetition would stand behind: a repetition as it is written, or one of these words. */
type Before = 'nothing' | 'something' | `${'*' | '+' | '?' | '{'}${string}`;

type Piece = PatternPart & { readonly repeats?: Before };

const start = '(?:(?<![\\s\\S]))';
const end = '(?:(?![\\s\\S]))';

function readNext(reader: Reader): Piece {
  const { text, at, flags } = reader;
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  switch (character) {
    case '(':
      return openGroup(reader);
    case ')':
      return closeGroup(reader);
    case '|':
      return { source: '|', length: 1, repeats: 'nothing' };
    case '*':
    case '+':
    case '?':
      return repeat(reader, character);
    case '{': {
      const count = /^\{\d+(?:,\d*)?\}/.exec(text.slice(at))?.[0];
      return count === undefined ? { source: '\\{', length: 1 } : repeat(reader, count as '{');
    }
    case '.':
      return { source: flags.s ? '[\\s\\S]' : '[^\\n]', length: 1 };
    case '^':
      return { source: flags.m ? '(?:(?<![^\\n]))' : start, length: 1 };
    case '$':
      return { source: flags.m ? '(?:(?![^\\n]))' : end, length: 1 };
    case '[':
      return readClass(text, at, flags);
    case '\\':
      return escaped(reader);
    default:
      return { source: toCharacter(character, flags), length: character.length };
  }
}

function openGroup(reader: Reader): Piece {
  const rest = reader.text.slice(reader.at);
  if (!rest.startsWith('(?')) {
    reader.open.push(reader.flags);
    return { source: '(?:', length: 1, repeats: 'nothing' };
  }
  const name = /^\(\?P<\w*>/.exec(rest)?.[0];
  if (name === '(?P<>') throw refused('invalid named capture', name);
  const change =
    name === undefined ? readFlags(rest, reader.flags) : { flags: reader.flags, length: name.length, isGroup: true };
  if (change.isGroup) reader.open.push(reader.flags);
  reader.flags = change.flags;
  return { source: change.isGroup ? '(?:' : '', length: change.length, repeats: 'nothing' };
}

function closeGroup(reader: Reader): Piece {
  const before = reader.open.pop();
  if (before === undefined) throw refused('unexpected )', reader.text);
  reader.flags = before;
  return { source: ')', length: 1 };
}

/** A question mark behind it makes it reluctant, which does not matter for whether there is a match. */
function repeat({ text, at, before }: Reader, operator: Exclude<Before, 'nothing' | 'something'>): Piece {
  const length = operator.length + (text[at + operator.length] === '?' ? 1 : 0);
  const whole = text.slice(at, at + length) as typeof operator;
  if (before === 'nothing') throw refused('missing argument to repetition operator', whole);
  if (before !== 'something') throw refused('invalid nested repetition operator', before + whole);
  const [least = 0, most = least] = (operator.match(/\d+/g) ?? []).map(Number);
  if (Math.max(least, most) > 1000 || most < least) throw refused('invalid repeat count', whole);
  return { source: operator, length, repeats: whole };
}

function escaped({ text, at, flags }: Reader): Piece {
  if (text.startsWith('\\Q', at)) {
    const close = text.indexOf('\\E', at + 2);
    const literal = text.slice(at + 2, close < 0 ? undefined : close);
    const source = Array.from(literal, (character) => toCharacter(character, flags)).join('');
    return { source, length: literal.length + (close < 0 ? 2 : 4) };
  }
  if (text.startsWith('\\A', at)) return { source: start, length: 2 };
  if (text.startsWith('\\z', at)) return { source: end, length: 2 };
  if (/^\\[bB]/.test(text.slice(at))) return { source: `(?:${text.slice(at, at + 2)})`, length: 2 };
  return readEscape(text, at, flags);
}

function refused(what: string, where: string): SyntaxError {
  return new SyntaxError(`error parsing regexp: ${what}: \`${where}\``);
}
