import { quoteGo } from './quote.ts';

/** Words with a meaning of their own inside an action. */
export const keywords: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
]);

/** What a token is; every keyword is a type of its own. */
export type TokenType =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | 'dot'
  | 'block'
  | 'break'
  | 'continue'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with';

/** A piece of a template: its text, where it starts (UTF-16 offset) and on which line (from 1). */
export interface Token {
  readonly type: TokenType;
  readonly start: number;
  readonly text: string;
  readonly line: number;
}

/** A token as Go names it in its error messages. */
export function describeToken(token: Token): string {
  if (token.type === 'eof') return 'EOF';
  if (token.type === 'error') return token.text;
  if (token.type === 'dot' || keywords.has(token.type)) return `<${token.text}>`;
  if (Buffer.byteLength(token.text) > 10) return `${quoteGo([...token.text].slice(0, 10).join(''))}...`;
  return quoteGo(token.text);
}
