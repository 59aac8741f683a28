import type { CallNode, CommandNode, Operand, PipeNode, TemplateNode } from './node.ts';
import { quoteGo } from './quote.ts';

/** A node as Go writes it between `<` and `>` in its error messages. */
export function describeNode(node: TemplateNode | Operand | CommandNode): string {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'action':
      return `{{${describePipe(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range':
      return describeBranch(node.type, node.pipe, [node.body, node.otherwise]);
    case 'template':
      return describeCall(node);
    case 'break':
    case 'continue':
      return `{{${node.type}}}`;
    case 'command':
      return node.operands.map(describeArgument).join(' ');
    default:
      return describeOperand(node);
  }
}

function describeOperand(node: Operand): string {
  switch (node.type) {
    case 'variable':
      return node.names.join('.');
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'chain':
      return [describeArgument(node.base), ...node.names].join('.');
    case 'identifier':
      return node.name;
    case 'pipe':
      return describePipe(node);
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
  }
}

function describeArgument(node: Operand): string {
  return node.type === 'pipe' ? `(${describePipe(node)})` : describeOperand(node);
}

function describePipe(pipe: PipeNode): string {
  const commands = pipe.commands.map(describeNode).join(' | ');
  if (pipe.variables.length === 0) return commands;
  return `${pipe.variables.map(describeNode).join(', ')} := ${commands}`;
}

function describeCall(node: CallNode): string {
  const pipe = node.pipe === undefined ? '' : ` ${describePipe(node.pipe)}`;
  return `{{template ${quoteGo(node.name)}${pipe}}}`;
}

type Branches = readonly [readonly TemplateNode[], readonly TemplateNode[] | undefined];

function describeBranch(keyword: string, pipe: PipeNode, [body, otherwise]: Branches): string {
  const rest = otherwise === undefined ? '' : `{{else}}${describeBody(otherwise)}`;
  return `{{${keyword} ${describePipe(pipe)}}}${describeBody(body)}${rest}{{end}}`;
}

function describeBody(body: readonly TemplateNode[]): string {
  return body.map(describeNode).join('');
}
