import { lexTemplate } from './lex-template.ts';
import type { BranchNode, Template, TemplateNode } from './node.ts';
import { parsePipe, unquoteToken } from './parse-pipe.ts';
import {
  expectToken,
  fail,
  nested,
  newScope,
  next,
  nextNonSpace,
  type Parser,
  peek,
  peekNonSpace,
  unexpected,
} from './parser.ts';
import { quoteGo } from './quote.ts';
import type { Token } from './token.ts';

/**
 * Parses a template in the language of Go's `text/template`.
 * @throws TmachineError TEMPLATE_INVALID with Go's message and the line of the fault
 */
export function parseTemplate(text: string): Template {
  const parser: Parser = {
    tokens: lexTemplate(text),
    at: 0,
    furthest: 0,
    depth: 0,
    bodies: new Map(),
    scope: newScope(),
  };
  addBody(parser, '', parseMain(parser));
  return { text, bodies: parser.bodies };
}

/** What ends a list of nodes. */
type Ending = 'else' | 'end';
type Parsed = TemplateNode | Ending;

function parseMain(parser: Parser): readonly TemplateNode[] {
  const nodes: TemplateNode[] = [];
  while (peek(parser).type !== 'eof') {
    if (startsDefinition(parser)) {
      parseDefinition(parser);
      continue;
    }
    const node = parseTextOrAction(parser);
    if (typeof node === 'string') fail(parser, `unexpected {{${node}}}`);
    nodes.push(node);
  }
  return nodes;
}

function startsDefinition(parser: Parser): boolean {
  if (peek(parser).type !== 'leftDelim') return false;
  const restart = parser.at;
  next(parser);
  if (nextNonSpace(parser).type === 'define') return true;
  parser.at = restart;
  return false;
}

function parseDefinition(parser: Parser): void {
  const context = 'define clause';
  inNewScope(parser, () => {
    const name = unquoteToken(parser, expectToken(parser, ['string', 'rawString'], context));
    expectToken(parser, ['rightDelim'], context);
    addBody(parser, name, parseNamedBody(parser, context));
  });
}

function parseNamedBody(parser: Parser, context: string): readonly TemplateNode[] {
  const { nodes, ending } = parseList(parser);
  if (ending !== 'end') fail(parser, `unexpected {{${ending}}} in ${context}`);
  return nodes;
}

function inNewScope(parser: Parser, parse: () => void): void {
  const outer = parser.scope;
  parser.scope = newScope();
  parse();
  parser.scope = outer;
}

function addBody(parser: Parser, name: string, body: readonly TemplateNode[]): void {
  const existing = parser.bodies.get(name);
  if (existing === undefined || isBlank(existing)) {
    parser.bodies.set(name, body);
  } else if (!isBlank(body)) {
    fail(parser, `template: multiple definition of template ${quoteGo(name)}`);
  }
}

function isBlank(body: readonly TemplateNode[]): boolean {
  return body.every((node) => node.type === 'text' && node.text.trim() === '');
}

interface List {
  readonly nodes: readonly TemplateNode[];
  readonly ending: Ending;
}

function parseList(parser: Parser): List {
  const nodes: TemplateNode[] = [];
  while (peekNonSpace(parser).type !== 'eof') {
    const node = parseTextOrAction(parser);
    if (typeof node === 'string') return { nodes, ending: node };
    nodes.push(node);
  }
  return fail(parser, 'unexpected EOF');
}

function parseTextOrAction(parser: Parser): Parsed {
  const token = nextNonSpace(parser);
  if (token.type === 'text') return { type: 'text', start: token.start, text: token.text };
  if (token.type !== 'leftDelim') unexpected(parser, token, 'input');
  parser.scope.actionLine = token.line;
  const node = nested(parser, () => parseAction(parser));
  parser.scope.actionLine = 0;
  return node;
}

function parseAction(parser: Parser): Parsed {
  const token = nextNonSpace(parser);
  switch (token.type) {
    case 'block':
      return parseBlock(parser);
    case 'break':
    case 'continue':
      return parseJump(parser, token, token.type);
    case 'else':
      return parseElse(parser);
    case 'end':
      expectToken(parser, ['rightDelim'], 'end');
      return 'end';
    case 'if':
    case 'range':
    case 'with':
      return parseBranch(parser, token.type);
    case 'template':
      return parseCall(parser);
    default:
      parser.at--;
      return { type: 'action', start: token.start, pipe: parsePipe(parser, 'command', 'rightDelim') };
  }
}

function parseElse(parser: Parser): Parsed {
  // "else if" leaves its "if" for parseBranch.
  if (peekNonSpace(parser).type !== 'if') expectToken(parser, ['rightDelim'], 'else');
  return 'else';
}

function parseJump(parser: Parser, { start }: Token, type: 'break' | 'continue'): Parsed {
  const token = nextNonSpace(parser);
  if (token.type !== 'rightDelim') unexpected(parser, token, `{{${type}}}`);
  if (parser.scope.ranges === 0) fail(parser, `{{${type}}} outside {{range}}`);
  return { type, start };
}

function parseBranch(parser: Parser, type: BranchNode['type']): BranchNode {
  const known = parser.scope.variables.length;
  const pipe = parsePipe(parser, type, 'rightDelim');
  if (type === 'range') parser.scope.ranges++;
  const { nodes: body, ending } = parseList(parser);
  if (type === 'range') parser.scope.ranges--;
  const otherwise = ending === 'else' ? parseOtherwise(parser, type) : undefined;
  parser.scope.variables.length = known;
  return { type, start: pipe.start, pipe, body, otherwise };
}

function parseOtherwise(parser: Parser, type: BranchNode['type']): readonly TemplateNode[] {
  if (type === 'if' && peek(parser).type === 'if') {
    next(parser);
    // The one {{end}} of an else-if chain closes all of it.
    return [nested(parser, () => parseBranch(parser, 'if'))];
  }
  const { nodes, ending } = parseList(parser);
  if (ending !== 'end') fail(parser, `expected end; found {{${ending}}}`);
  return nodes;
}

function parseBlock(parser: Parser): TemplateNode {
  const context = 'block clause';
  const token = nextNonSpace(parser);
  const name = parseName(parser, token, context);
  const pipe = parsePipe(parser, context, 'rightDelim');
  inNewScope(parser, () => addBody(parser, name, parseNamedBody(parser, context)));
  return { type: 'template', start: token.start, name, pipe };
}

function parseCall(parser: Parser): TemplateNode {
  const context = 'template clause';
  const token = nextNonSpace(parser);
  const name = parseName(parser, token, context);
  if (nextNonSpace(parser).type === 'rightDelim') {
    return { type: 'template', start: token.start, name, pipe: undefined };
  }
  parser.at--;
  return { type: 'template', start: token.start, name, pipe: parsePipe(parser, context, 'rightDelim') };
}

function parseName(parser: Parser, token: Token, context: string): string {
  if (token.type !== 'string' && token.type !== 'rawString') unexpected(parser, token, context);
  return unquoteToken(parser, token);
}
