import { describeNode } from './describe-node.ts';
import { templateFunctions } from './functions.ts';
import type { CommandNode, Operand, PipeNode, VariableNode } from './node.ts';
import { parseNumber } from './number.ts';
import { fail, nested, next, nextNonSpace, type Parser, peek, peekNonSpace, unexpected } from './parser.ts';
import { quoteGo, unquoteGo } from './quote.ts';
import type { Token, TokenType } from './token.ts';

const operandTypes: ReadonlySet<TokenType> = new Set([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);

/** Operands that cannot take the answer of an earlier command. */
const constants: ReadonlySet<Operand['type']> = new Set(['bool', 'dot', 'nil', 'number', 'string']);

/** Parses `$x := command | command` up to and including the closing token. */
export function parsePipe(parser: Parser, context: string, end: TokenType): PipeNode {
  const { start } = peekNonSpace(parser);
  const { variables, assigns } = parseVariables(parser, context);
  const commands: CommandNode[] = [];
  for (;;) {
    const token = nextNonSpace(parser);
    if (token.type === end) break;
    if (!operandTypes.has(token.type)) unexpected(parser, token, context);
    parser.at--;
    commands.push(nested(parser, () => parseCommand(parser)));
  }
  if (commands.length === 0) fail(parser, `missing value for ${context}`);
  commands.forEach((command, index) => {
    if (index > 0 && constants.has(command.operands[0].type)) {
      fail(parser, `non executable command in pipeline stage ${index + 1}`);
    }
  });
  return { type: 'pipe', start, variables, assigns, commands };
}

interface Declarations {
  readonly variables: readonly VariableNode[];
  readonly assigns: boolean;
}

function parseVariables(parser: Parser, context: string): Declarations {
  const variables: VariableNode[] = [];
  while (peekNonSpace(parser).type === 'variable') {
    const restart = parser.at;
    const token = next(parser);
    const after = peekNonSpace(parser);
    const isComma = after.type === 'char' && after.text === ',';
    if (after.type !== 'assign' && after.type !== 'declare' && !isComma) {
      parser.at = restart;
      break;
    }
    nextNonSpace(parser);
    variables.push({ type: 'variable', start: token.start, names: [token.text] });
    parser.scope.variables.push(token.text);
    if (!isComma) return { variables, assigns: after.type === 'assign' };
    if (context !== 'range' || variables.length > 1) fail(parser, `too many declarations in ${context}`);
    const follower = peekNonSpace(parser).type;
    if (follower !== 'variable' && follower !== 'rightDelim' && follower !== 'rightParen') {
      fail(parser, 'range can only initialize variables');
    }
  }
  return { variables, assigns: false };
}

function parseCommand(parser: Parser): CommandNode {
  const { start } = peekNonSpace(parser);
  const operands: Operand[] = [];
  for (;;) {
    const operand = parseOperand(parser);
    if (operand !== undefined) operands.push(operand);
    const token = next(parser);
    if (token.type === 'space') continue;
    if (token.type === 'rightDelim' || token.type === 'rightParen') parser.at--;
    else if (token.type !== 'pipe') unexpected(parser, token, 'operand');
    break;
  }
  const [first, ...rest] = operands;
  if (first === undefined) fail(parser, 'empty command');
  return { type: 'command', start, operands: [first, ...rest] };
}

function parseOperand(parser: Parser): Operand | undefined {
  const base = parseTerm(parser);
  if (base === undefined || peek(parser).type !== 'field') return base;
  // Go places the whole chain where its second part starts.
  const { start } = peek(parser);
  const names: string[] = [];
  while (peek(parser).type === 'field') names.push(next(parser).text.slice(1));
  if (base.type === 'field') return { type: 'field', start, names: [...base.names, ...names] };
  if (base.type === 'variable') return { type: 'variable', start, names: [...base.names, ...names] };
  if (constants.has(base.type)) fail(parser, `unexpected . after term ${quoteGo(describeNode(base))}`);
  return { type: 'chain', start, base, names };
}

function parseTerm(parser: Parser): Operand | undefined {
  const token = nextNonSpace(parser);
  const { start, text } = token;
  switch (token.type) {
    case 'identifier':
      if (!templateFunctions.has(text)) fail(parser, `function ${quoteGo(text)} not defined`);
      return { type: 'identifier', start, name: text };
    case 'dot':
    case 'nil':
      return { type: token.type, start };
    case 'variable':
      if (!parser.scope.variables.includes(text)) fail(parser, `undefined variable ${quoteGo(text)}`);
      return { type: 'variable', start, names: [text] };
    case 'field':
      return { type: 'field', start, names: [text.slice(1)] };
    case 'bool':
      return { type: 'bool', start, value: text === 'true' };
    case 'charConstant':
    case 'complex':
    case 'number':
      return parseNumberTerm(parser, token);
    case 'leftParen':
      return nested(parser, () => parsePipe(parser, 'parenthesized pipeline', 'rightParen'));
    case 'string':
    case 'rawString':
      return { type: 'string', start, value: unquoteToken(parser, token), quoted: text };
    default:
      parser.at--;
      return undefined;
  }
}

function parseNumberTerm(parser: Parser, { start, text }: Token): Operand {
  const number = parseNumber(text);
  if (!number.ok) fail(parser, number.reason);
  return { type: 'number', start, value: number.value, text };
}

/** The text of a string token. */
export function unquoteToken(parser: Parser, token: Token): string {
  return unquoteGo(token.text) ?? fail(parser, 'invalid syntax');
}
