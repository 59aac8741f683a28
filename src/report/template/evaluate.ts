import { TmachineError } from '../../errors/tmachine-error.ts';
import { describeNode } from './describe-node.ts';
import { evaluateField } from './evaluate-field.ts';
import { type Parameter, type TemplateFunction, templateFunctions } from './functions.ts';
import type { CommandNode, IdentifierNode, Operand, PipeNode, VariableNode } from './node.ts';
import { at, failAt, findVariable, type State, setVariable } from './state.ts';
import {
  boolValue,
  floatValue,
  intValue,
  invalid,
  isTrue,
  nilInterface,
  stringValue,
  typeName,
  unwrapInterface,
  type Value,
} from './value.ts';

/** The answer of a pipeline; its variables, if it has any, are set to it. */
export function evaluatePipe(state: State, dot: Value, pipe: PipeNode): Value {
  at(state, pipe);
  let piped: Value | undefined;
  for (const command of pipe.commands) piped = unwrapInterface(evaluateCommand(state, dot, { command, piped }));
  const value = piped ?? invalid;
  for (const { names } of pipe.variables) {
    if (pipe.assigns) setVariable(state, names[0], value);
    else state.variables.push({ name: names[0], value });
  }
  return value;
}

/** A command, and the answer of the one before it. */
interface Fed {
  readonly command: CommandNode;
  readonly piped: Value | undefined;
}

function evaluateCommand(state: State, dot: Value, fed: Fed): Value {
  const [first, ...rest] = fed.command.operands;
  const hasArguments = rest.length > 0 || fed.piped !== undefined;
  if (first.type === 'identifier') {
    return evaluateCall(state, dot, { name: first, node: fed.command, operands: rest, piped: fed.piped });
  }
  if (first.type === 'field' || first.type === 'chain' || first.type === 'variable') {
    return evaluateOperand(state, dot, { operand: first, hasArguments });
  }
  if (first.type !== 'pipe') at(state, first);
  if (hasArguments) failAt(state, `can't give argument to non-function ${describeNode(first)}`);
  if (first.type === 'nil') failAt(state, 'nil is not a command');
  return evaluateOperand(state, dot, { operand: first, hasArguments: false });
}

interface Operation {
  readonly operand: Operand;
  readonly hasArguments: boolean;
}

function evaluateOperand(state: State, dot: Value, { operand, hasArguments }: Operation): Value {
  if (operand.type !== 'pipe') at(state, operand);
  switch (operand.type) {
    case 'dot':
      return dot;
    case 'field':
      return evaluateNames(state, dot, { names: operand.names, hasArguments });
    case 'variable':
      return evaluateVariable(state, operand, hasArguments);
    case 'chain': {
      if (operand.base.type === 'nil') failAt(state, `indirection through explicit nil in ${describeNode(operand)}`);
      const base = evaluateOperand(state, dot, { operand: operand.base, hasArguments: false });
      return evaluateNames(state, base, { names: operand.names, hasArguments });
    }
    case 'identifier':
      return evaluateCall(state, dot, { name: operand, node: operand, operands: [], piped: undefined });
    case 'pipe':
      return evaluatePipe(state, dot, operand);
    case 'bool':
      return boolValue(operand.value);
    case 'string':
      return stringValue(operand.value);
    case 'number':
      if (typeof operand.value === 'number') return floatValue(operand.value);
      if (operand.value >= 2n ** 63n) failAt(state, `${operand.text} overflows int`);
      return intValue(operand.value);
    case 'nil':
      return nilInterface;
  }
}

function evaluateVariable(state: State, { names }: VariableNode, hasArguments: boolean): Value {
  const [name, ...fields] = names;
  const value = findVariable(state, name);
  if (fields.length > 0) return evaluateNames(state, value, { names: fields, hasArguments });
  if (hasArguments) failAt(state, `can't give argument to non-function ${name}`);
  return value;
}

interface Names {
  readonly names: readonly string[];
  readonly hasArguments: boolean;
}

function evaluateNames(state: State, start: Value, { names, hasArguments }: Names): Value {
  const fail = (reason: string): never => failAt(state, reason);
  return names.reduce((receiver, name, index) => {
    const isLast = index === names.length - 1;
    return evaluateField(receiver, { name, hasArguments: isLast && hasArguments, fail });
  }, start);
}

/** A call: the function's name, its arguments, and the node to blame when it fails. */
interface Call {
  readonly name: IdentifierNode;
  readonly node: CommandNode | IdentifierNode;
  readonly operands: readonly Operand[];
  readonly piped: Value | undefined;
}

function evaluateCall(state: State, dot: Value, call: Call): Value {
  at(state, call.name);
  const { name } = call.name;
  const called = templateFunctions.get(name);
  if (called === undefined) return failAt(state, `"${name}" is not a defined function`);
  checkCount(state, called, call);
  if (name === 'and' || name === 'or') return evaluateLogic(state, dot, call);
  const types = called.parameters;
  const args = call.operands.map((operand, index) =>
    evaluateArgument(state, dot, { operand, type: types[index] ?? called.rest ?? 'any' }),
  );
  if (call.piped !== undefined) {
    args.push(convert(state, call.piped, types[call.operands.length] ?? called.rest ?? 'any'));
  }
  return callFunction(state, called, { call, args });
}

function checkCount(state: State, { parameters, rest }: TemplateFunction, { name, operands, piped }: Call): void {
  const given = operands.length + (piped === undefined ? 0 : 1);
  if (rest === undefined && given !== parameters.length) {
    failAt(state, `wrong number of args for ${name.name}: want ${parameters.length} got ${given}`);
  }
  if (given < parameters.length) {
    failAt(state, `wrong number of args for ${name.name}: want at least ${parameters.length} got ${operands.length}`);
  }
}

/** `and` and `or` stop at the first argument that decides, and answer with it. */
function evaluateLogic(state: State, dot: Value, { name, operands, piped }: Call): Value {
  let value: Value = invalid;
  for (const operand of operands) {
    value = evaluateArgument(state, dot, { operand, type: 'value' });
    if (isTrue(value) === (name.name === 'or')) return value;
  }
  return piped ?? value;
}

interface Argument {
  readonly operand: Operand;
  readonly type: Parameter;
}

function evaluateArgument(state: State, dot: Value, { operand, type }: Argument): Value {
  if (type === 'string' && operand.type === 'nil') {
    at(state, operand);
    failAt(state, 'cannot assign nil to string');
  }
  if (operand.type === 'nil') return type === 'value' ? invalid : nilInterface;
  if (type === 'string' && (operand.type === 'bool' || operand.type === 'number')) {
    at(state, operand);
    failAt(state, `expected string; found ${describeNode(operand)}`);
  }
  return convert(state, evaluateOperand(state, dot, { operand, hasArguments: false }), type);
}

function convert(state: State, value: Value, type: Parameter): Value {
  if (type === 'value') return value;
  if (type === 'any') return unwrapInterface(value);
  if (value.kind === 'invalid') failAt(state, 'invalid value; expected string');
  const held = unwrapInterface(value);
  if (held.kind === 'string') return held;
  const found = held.kind === 'invalid' ? value : held;
  return failAt(state, `wrong type for value; expected string; got ${typeName(found)}`);
}

interface Prepared {
  readonly call: Call;
  readonly args: readonly Value[];
}

function callFunction(state: State, called: TemplateFunction, { call, args }: Prepared): Value {
  try {
    return called.call(args);
  } catch (error) {
    if (!(error instanceof TmachineError)) throw error;
    at(state, call.node);
    return failAt(state, `error calling ${call.name.name}: ${error.message}`);
  }
}
