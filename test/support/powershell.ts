import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

/** What a line of PowerShell does, as far as we print such lines. */
export type PowershellLine =
  | { readonly does: 'set'; readonly name: string; readonly value: string }
  | { readonly does: 'call'; readonly pipeline: readonly (readonly string[])[] }
  | { readonly does: 'nothing'; readonly comment: string };

/** Reads lines by a grammar of PowerShell; what is not a line of ours, or means more than a value, is a SyntaxError. */
export async function makePowershellReader(): Promise<(line: string) => PowershellLine> {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return (line) => {
    // The grammar knows no script of comments alone.
    if (line.startsWith('#')) return { does: 'nothing', comment: line.slice(1).trimStart() };
    const tree = parser.parse(`${line}\n`);
    if (tree === null || tree.rootNode.hasError) throw new SyntaxError(line);
    return readLine(tree.rootNode);
  };
}

function readLine(program: Node): PowershellLine {
  const pipeline = onlyChild(onlyChild(program));
  const assignment = pipeline.namedChild(0);
  if (assignment?.type === 'assignment_expression') return readAssignment(assignment);
  return { does: 'call', pipeline: named(onlyChild(pipeline)).map(readCommand) };
}

function readAssignment(assignment: Node): PowershellLine {
  const [target, operator, value] = named(assignment);
  const variable = /^\$Env:(\w+)$/.exec(target?.text ?? '');
  if (variable?.[1] === undefined || operator?.text !== '=' || value === undefined)
    throw new SyntaxError(assignment.text);
  return { does: 'set', name: variable[1], value: readString(innermost(value)) };
}

function readCommand(command: Node): readonly string[] {
  const [name, elements] = ['command_name', 'command_elements'].map((field) => command.childForFieldName(field));
  if (command.type !== 'command' || !name) throw new SyntaxError(command.text);
  const words = elements ? named(elements).filter(({ type }) => type !== 'command_argument_sep') : [];
  return [name, ...words].map((word) => {
    const inner = innermost(word);
    return inner.type === 'expandable_string_literal' ? readString(inner) : inner.text;
  });
}

/** about_Quoting_Rules: in an expandable string nothing but our subexpressions `$([char]0x…)` may be computed. */
function readString(literal: Node): string {
  if (literal.type !== 'expandable_string_literal') throw new SyntaxError(literal.text);
  const { text, startIndex } = literal;
  let value = '';
  let at = 1;
  for (const child of named(literal)) {
    value += unescapeText(text.slice(at, child.startIndex - startIndex)) + readCharacter(child);
    at = child.endIndex - startIndex;
  }
  return value + unescapeText(text.slice(at, -1));
}

function readCharacter(expression: Node): string {
  const cast = expression.descendantsOfType('cast_expression').filter((node) => node !== null);
  const code = /^\$\(\[char\]0x([0-9a-f]{1,4})\)$/.exec(expression.text);
  if (expression.type !== 'sub_expression' || cast.length !== 1 || code?.[1] === undefined)
    throw new SyntaxError(`an expansion: ${expression.text}`);
  return String.fromCharCode(Number.parseInt(code[1], 16));
}

/** about_Special_Characters; the grammar does not know that curly quotes end a string, too. */
function unescapeText(text: string): string {
  if (/[\u201c-\u201e]/.test(text)) throw new SyntaxError(`a curly quote: ${text}`);
  return text.replaceAll(/`(.)|""/gs, (_, escaped: string | undefined) => {
    if (escaped === undefined) return '"';
    if (/[0abefnrtuv]/.test(escaped)) throw new SyntaxError(`a control character: ${text}`);
    return escaped;
  });
}

function innermost(node: Node): Node {
  const children = named(node);
  if (node.type === 'expandable_string_literal' || children.length === 0) return node;
  return innermost(onlyChild(node));
}

function onlyChild(node: Node): Node {
  const [only, ...others] = named(node);
  if (only === undefined || others.length > 0) throw new SyntaxError(node.text);
  return only;
}

function named(node: Node): readonly Node[] {
  return node.namedChildren.filter((child) => child !== null);
}
