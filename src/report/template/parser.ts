import { TmachineError } from '../../errors/tmachine-error.ts';
import type { TemplateNode } from './node.ts';
import { describeToken, type Token, type TokenType } from './token.ts';

/** What the parts of one template, its definitions included, share while they are parsed. */
export interface Parser {
  readonly tokens: readonly Token[];
  /** Index of the next token. */
  at: number;
  /** Highest index read so far; Go reports its line. */
  furthest: number;
  /** How deep constructs are nested at the moment. */
  depth: number;
  readonly bodies: Map<string, readonly TemplateNode[]>;
  scope: Scope;
}

/** What is known inside the body being parsed. */
export interface Scope {
  variables: string[];
  /** How many `range` enclose the current place. */
  ranges: number;
  /** Line on which the current action started; 0 outside of actions. */
  actionLine: number;
}

/** Deeper nesting than this is refused, so that hostile input cannot exhaust the stack. */
const maxDepth = 500;

/** The scope at the start of a body: only `$` is known. */
export function newScope(): Scope {
  return { variables: ['$'], ranges: 0, actionLine: 0 };
}

/** The next token, consumed; the last token is given again and again. */
export function next(parser: Parser): Token {
  const token = peek(parser);
  parser.at = Math.min(parser.at + 1, parser.tokens.length);
  return token;
}

/** The next token, left in place. */
export function peek(parser: Parser): Token {
  const index = Math.min(parser.at, parser.tokens.length - 1);
  parser.furthest = Math.max(parser.furthest, index);
  return parser.tokens[index] as Token;
}

/** Skips space, then consumes a token. */
export function nextNonSpace(parser: Parser): Token {
  skipSpace(parser);
  return next(parser);
}

/** Skips space, then shows the next token. */
export function peekNonSpace(parser: Parser): Token {
  skipSpace(parser);
  return peek(parser);
}

function skipSpace(parser: Parser): void {
  while (peek(parser).type === 'space') parser.at++;
}

/** Consumes a token that must be of one of these types. */
export function expectToken(parser: Parser, types: readonly TokenType[], context: string): Token {
  const token = nextNonSpace(parser);
  return types.includes(token.type) ? token : unexpected(parser, token, context);
}

/** Refuses a token, in Go's words. */
export function unexpected(parser: Parser, token: Token, context: string): never {
  if (token.type !== 'error') fail(parser, `unexpected ${describeToken(token)} in ${context}`);
  const { actionLine } = parser.scope;
  if (actionLine === 0 || actionLine === token.line) fail(parser, token.text);
  // Go avoids "unclosed action in action started".
  const place = token.text.endsWith(' action') ? 'started at' : 'in action started at';
  fail(parser, `${token.text} ${place} :${actionLine}`);
}

/**
 * Ends parsing with a message that carries the line of the latest token.
 * @throws TmachineError TEMPLATE_INVALID
 */
export function fail(parser: Parser, message: string): never {
  const line = parser.tokens[parser.furthest]?.line ?? 1;
  throw new TmachineError(`template parsing error: template: :${line}: ${message}`, { code: 'TEMPLATE_INVALID' });
}

/** Runs a part of the parser one level deeper. */
export function nested<Result>(parser: Parser, parse: () => Result): Result {
  if (++parser.depth > maxDepth) fail(parser, `nested more than ${maxDepth} levels deep`);
  const result = parse();
  parser.depth--;
  return result;
}
