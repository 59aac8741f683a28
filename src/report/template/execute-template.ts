import { evaluatePipe } from './evaluate.ts';
import { plainSpec } from './format-spec.ts';
import { formatArgument, printableValue, sprint } from './format-value.ts';
import type { BranchNode, CallNode, Template, TemplateNode } from './node.ts';
import { quoteGo } from './quote.ts';
import { at, failAt, type State, type Variable } from './state.ts';
import { indirect, intValue, invalid, isTrue, sortedEntries, stringValue, type Value } from './value.ts';

/** Templates may call each other this deep, so that endless recursion ends in a message. */
const maxDepth = 500;

/**
 * Fills a template with a value, printing what Go's `text/template` would print.
 * @throws TmachineError TEMPLATE_FAILED with Go's message and the place of the fault
 */
export function executeOn(template: Template, data: Value): string {
  const state: State = {
    template,
    output: [],
    name: '',
    variables: [{ name: '$', value: data }],
    depth: 0,
    node: undefined,
  };
  walkBody(state, data, template.bodies.get('') ?? []);
  return state.output.join('');
}

/** How a body was left early. */
type Jump = 'break' | 'continue' | undefined;

function walkBody(state: State, dot: Value, body: readonly TemplateNode[]): Jump {
  for (const node of body) {
    const jump = walk(state, dot, node);
    if (jump !== undefined) return jump;
  }
  return undefined;
}

function walk(state: State, dot: Value, node: TemplateNode): Jump {
  at(state, node);
  switch (node.type) {
    case 'text':
      state.output.push(node.text);
      return undefined;
    case 'action': {
      const value = evaluatePipe(state, dot, node.pipe);
      if (node.pipe.variables.length === 0) state.output.push(sprint([printableValue(value)]));
      return undefined;
    }
    case 'if':
    case 'with':
      return walkCondition(state, dot, node);
    case 'range':
      return walkRange(state, dot, node);
    case 'template':
      walkCall(state, dot, node);
      return undefined;
    default:
      return node.type;
  }
}

function walkCondition(state: State, dot: Value, node: BranchNode): Jump {
  const known = state.variables.length;
  const value = evaluatePipe(state, dot, node.pipe);
  const jump = isTrue(value)
    ? walkBody(state, node.type === 'with' ? value : dot, node.body)
    : walkBody(state, dot, node.otherwise ?? []);
  state.variables.length = known;
  return jump;
}

function walkRange(state: State, dot: Value, node: BranchNode): Jump {
  const known = state.variables.length;
  const items = itemsOf(state, evaluatePipe(state, dot, node.pipe));
  const own = node.pipe.variables.map(({ names }) => state.variables.findLast(({ name }) => name === names[0]));
  const inside = state.variables.length;
  let jump: Jump;
  for (const [index, item] of items) {
    setLoopVariables(own, index, item);
    jump = walkBody(state, item, node.body);
    state.variables.length = inside;
    if (jump === 'break') break;
  }
  if (items.length === 0) jump = walkBody(state, dot, node.otherwise ?? []);
  state.variables.length = known;
  return items.length === 0 ? jump : undefined;
}

function setLoopVariables(own: readonly (Variable | undefined)[], index: Value, item: Value): void {
  const [first, second] = own;
  if (second !== undefined) second.value = item;
  if (first !== undefined) first.value = second === undefined ? item : index;
}

function itemsOf(state: State, value: Value): readonly (readonly [Value, Value])[] {
  const list = indirect(value);
  if (list.kind === 'slice') return list.items.map((item, index) => [intValue(index), item]);
  if (list.kind === 'map') return sortedEntries(list).map(([key, item]) => [stringValue(key), item]);
  if (list.kind === 'invalid') return [];
  return failAt(state, `range can't iterate over ${formatArgument(list, plainSpec)}`);
}

function walkCall(state: State, dot: Value, node: CallNode): void {
  const body = state.template.bodies.get(node.name) ?? failAt(state, `template ${quoteGo(node.name)} not defined`);
  if (state.depth >= maxDepth) failAt(state, `exceeded maximum template depth (${maxDepth})`);
  const value = node.pipe === undefined ? invalid : evaluatePipe(state, dot, node.pipe);
  const { name, variables } = state;
  state.name = node.name;
  state.variables = [{ name: '$', value }];
  state.depth++;
  walkBody(state, value, body);
  state.depth--;
  state.variables = variables;
  state.name = name;
}
