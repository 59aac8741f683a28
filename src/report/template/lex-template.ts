import { describeCharacter, isAlphaNumeric, isPrintable, isSpace } from './characters.ts';
import { scanNumber } from './number.ts';
import { quoteGo } from './quote.ts';
import { keywords, type Token, type TokenType } from './token.ts';

/** Cuts a template into tokens; the last is `eof`, or `error` with a message in Go's words. */
export function lexTemplate(text: string): readonly Token[] {
  const lexer: Lexer = { text, at: 0, start: 0, line: 1, counted: 0, parens: 0, tokens: [] };
  let next: Step = lexText;
  while (next !== undefined) next = next(lexer);
  return lexer.tokens;
}

interface Lexer {
  readonly text: string;
  at: number;
  start: number;
  line: number;
  /** Up to here newlines are in `line`. */
  counted: number;
  parens: number;
  readonly tokens: Token[];
}

type Step = ((lexer: Lexer) => Step) | undefined;

const punctuation: Readonly<Record<string, TokenType>> = { '=': 'assign', '|': 'pipe' };

function emit(lexer: Lexer, type: TokenType): void {
  push(lexer, type, lexer.text.slice(lexer.start, lexer.at));
  lexer.start = lexer.at;
}

function fail(lexer: Lexer, message: string): undefined {
  push(lexer, 'error', message);
}

function push(lexer: Lexer, type: TokenType, text: string): void {
  for (; lexer.counted < lexer.start; lexer.counted++) {
    if (lexer.text.charCodeAt(lexer.counted) === 10) lexer.line++;
  }
  lexer.tokens.push({ type, start: lexer.start, text, line: lexer.line });
}

function skipTo(lexer: Lexer, at: number): void {
  lexer.at = at;
  lexer.start = at;
}

function current(lexer: Lexer): string {
  const code = lexer.text.codePointAt(lexer.at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function lexText(lexer: Lexer): Step {
  const { text } = lexer;
  const open = text.indexOf('{{', lexer.at);
  if (open < 0) {
    lexer.at = text.length;
    if (lexer.at > lexer.start) emit(lexer, 'text');
    emit(lexer, 'eof');
    return undefined;
  }
  const trims = hasLeftTrim(text, open + 2);
  lexer.at = open;
  while (trims && lexer.at > lexer.start && isSpace(text.charAt(lexer.at - 1))) lexer.at--;
  if (lexer.at > lexer.start) emit(lexer, 'text');
  skipTo(lexer, open);
  const inside = open + (trims ? 4 : 2);
  if (text.startsWith('/*', inside)) {
    skipTo(lexer, inside);
    return lexComment;
  }
  lexer.at = open + 2;
  emit(lexer, 'leftDelim');
  skipTo(lexer, inside);
  lexer.parens = 0;
  return lexAction;
}

function lexComment(lexer: Lexer): Step {
  const end = lexer.text.indexOf('*/', lexer.at + 2);
  if (end < 0) return fail(lexer, 'unclosed comment');
  lexer.at = end + 2;
  const close = rightDelimiter(lexer);
  if (close === undefined) return fail(lexer, 'comment ends before closing delimiter');
  skipTo(lexer, lexer.at + (close === 'trim' ? 4 : 2));
  if (close === 'trim') skipSpaces(lexer);
  return lexText;
}

function lexAction(lexer: Lexer): Step {
  const close = rightDelimiter(lexer);
  if (close !== undefined) {
    if (lexer.parens > 0) return fail(lexer, 'unclosed left paren');
    if (close === 'trim') skipTo(lexer, lexer.at + 2);
    lexer.at += 2;
    emit(lexer, 'rightDelim');
    if (close === 'trim') skipSpaces(lexer);
    return lexText;
  }
  const character = current(lexer);
  if (character === '') return fail(lexer, 'unclosed action');
  if (isSpace(character)) return lexSpace;
  if (startsNumber(lexer, character)) return lexNumber;
  if (isAlphaNumeric(character)) return lexWord;
  return lexMark(lexer, character);
}

function lexMark(lexer: Lexer, character: string): Step {
  lexer.at += character.length;
  if (character === '$' || character === '.') return lexName(lexer, character === '$' ? 'variable' : 'field');
  if (character === '"') return lexQuoted(lexer, '"', 'string');
  if (character === "'") return lexQuoted(lexer, "'", 'charConstant');
  if (character === '`') return lexRaw;
  if (character === ':') {
    if (lexer.text.charAt(lexer.at) !== '=') return fail(lexer, 'expected :=');
    lexer.at++;
    emit(lexer, 'declare');
    return lexAction;
  }
  if (character === '(' || character === ')') return lexParen(lexer, character);
  const type = punctuation[character];
  if (type === undefined && !(character < '\x80' && isPrintable(character))) {
    return fail(lexer, `unrecognized character in action: ${describeCharacter(character)}`);
  }
  emit(lexer, type ?? 'char');
  return lexAction;
}

function lexParen(lexer: Lexer, character: string): Step {
  emit(lexer, character === '(' ? 'leftParen' : 'rightParen');
  lexer.parens += character === '(' ? 1 : -1;
  if (lexer.parens < 0) return fail(lexer, `unexpected right paren ${describeCharacter(character)}`);
  return lexAction;
}

function lexSpace(lexer: Lexer): Step {
  while (isSpace(lexer.text.charAt(lexer.at))) lexer.at++;
  // The last space may belong to a trimming delimiter, " -}}".
  lexer.at--;
  if (rightDelimiter(lexer) === undefined) lexer.at++;
  if (lexer.at > lexer.start) emit(lexer, 'space');
  return lexAction;
}

function lexWord(lexer: Lexer): Step {
  skipAlphaNumeric(lexer);
  if (!atTerminator(lexer)) return fail(lexer, `bad character ${describeCharacter(current(lexer))}`);
  const word = lexer.text.slice(lexer.start, lexer.at);
  if (keywords.has(word)) emit(lexer, word as TokenType);
  else emit(lexer, word === 'true' || word === 'false' ? 'bool' : 'identifier');
  return lexAction;
}

function lexName(lexer: Lexer, type: 'variable' | 'field'): Step {
  if (atTerminator(lexer)) {
    emit(lexer, type === 'variable' ? 'variable' : 'dot');
    return lexAction;
  }
  skipAlphaNumeric(lexer);
  if (!atTerminator(lexer)) return fail(lexer, `bad character ${describeCharacter(current(lexer))}`);
  emit(lexer, type);
  return lexAction;
}

function lexNumber(lexer: Lexer): Step {
  const first = scanNumber(lexer.text, lexer.at);
  lexer.at = first.end;
  let ok = first.ok;
  const sign = lexer.text.charAt(lexer.at);
  const isComplex = ok && (sign === '+' || sign === '-');
  if (isComplex) {
    const second = scanNumber(lexer.text, lexer.at);
    lexer.at = second.end;
    ok = second.ok && lexer.text.charAt(lexer.at - 1) === 'i';
  }
  if (!ok) return fail(lexer, `bad number syntax: ${quoteGo(lexer.text.slice(lexer.start, lexer.at))}`);
  emit(lexer, isComplex ? 'complex' : 'number');
  return lexAction;
}

function lexQuoted(lexer: Lexer, quote: string, type: 'string' | 'charConstant'): Step {
  for (; ; lexer.at++) {
    let character = lexer.text.charAt(lexer.at);
    if (character === quote) break;
    if (character === '\\') character = lexer.text.charAt(++lexer.at);
    if (character === '' || character === '\n') {
      return fail(lexer, `unterminated ${type === 'string' ? 'quoted string' : 'character constant'}`);
    }
  }
  lexer.at++;
  emit(lexer, type);
  return lexAction;
}

function lexRaw(lexer: Lexer): Step {
  const end = lexer.text.indexOf('`', lexer.at);
  if (end < 0) return fail(lexer, 'unterminated raw quoted string');
  lexer.at = end + 1;
  emit(lexer, 'rawString');
  return lexAction;
}

function startsNumber(lexer: Lexer, character: string): boolean {
  if (character === '+' || character === '-') return true;
  if (character >= '0' && character <= '9') return true;
  if (character !== '.') return false;
  const next = lexer.text.charAt(lexer.at + 1);
  return next === '' || (next >= '0' && next <= '9');
}

function skipAlphaNumeric(lexer: Lexer): void {
  for (let character = current(lexer); isAlphaNumeric(character); character = current(lexer)) {
    lexer.at += character.length;
  }
}

function atTerminator(lexer: Lexer): boolean {
  const character = lexer.text.charAt(lexer.at);
  return (
    character === '' || isSpace(character) || '.,|:)('.includes(character) || lexer.text.startsWith('}}', lexer.at)
  );
}

function hasLeftTrim(text: string, at: number): boolean {
  return text.charAt(at) === '-' && isSpace(text.charAt(at + 1));
}

function rightDelimiter(lexer: Lexer): 'plain' | 'trim' | undefined {
  const { text, at } = lexer;
  if (isSpace(text.charAt(at)) && text.startsWith('-}}', at + 1)) return 'trim';
  return text.startsWith('}}', at) ? 'plain' : undefined;
}

function skipSpaces(lexer: Lexer): void {
  let { at } = lexer;
  while (isSpace(lexer.text.charAt(at))) at++;
  skipTo(lexer, at);
}
