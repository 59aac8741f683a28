import { TmachineError } from '../../errors/tmachine-error.ts';
import { describeNode } from './describe-node.ts';
import type { CommandNode, Operand, Template, TemplateNode } from './node.ts';
import { quoteGo } from './quote.ts';
import type { Value } from './value.ts';

/** A variable and what it holds. */
export interface Variable {
  readonly name: string;
  value: Value;
}

/** Where the execution of a template stands. */
export interface State {
  readonly template: Template;
  readonly output: string[];
  /** Name of the body being executed. */
  name: string;
  /** Innermost last. */
  variables: Variable[];
  /** How many `template` actions enclose the current one. */
  depth: number;
  /** What is being evaluated, for messages. */
  node: TemplateNode | Operand | CommandNode | undefined;
}

/** Notes what is being evaluated. */
export function at(state: State, node: TemplateNode | Operand | CommandNode): void {
  state.node = node;
}

/** What the innermost variable of a name holds. */
export function findVariable(state: State, name: string): Value {
  return lookUp(state, name).value;
}

/** Changes the innermost variable of a name. */
export function setVariable(state: State, name: string, value: Value): void {
  lookUp(state, name).value = value;
}

function lookUp(state: State, name: string): Variable {
  const variable = state.variables.findLast((candidate) => candidate.name === name);
  return variable ?? failAt(state, `undefined variable: ${name}`);
}

/**
 * Ends execution with a message that names line, column (in bytes, from 0) and the failing expression.
 * @throws TmachineError TEMPLATE_FAILED
 */
export function failAt(state: State, reason: string): never {
  const { node, name, template } = state;
  const start = node?.start ?? 0;
  const lineStart = template.text.lastIndexOf('\n', start - 1) + 1;
  const line = template.text.slice(0, start).split('\n').length;
  const column = Buffer.byteLength(template.text.slice(lineStart, start));
  const context = node === undefined ? '' : describeNode(node);
  const message = `template: :${line}:${column}: executing ${quoteGo(name)} at <${context}>: ${reason}`;
  throw new TmachineError(message, { code: 'TEMPLATE_FAILED' });
}
