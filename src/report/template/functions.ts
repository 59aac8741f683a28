import { indexInto, lengthOf, sliceOf } from './collections.ts';
import { equalsAny, isLess } from './compare.ts';
import { escapeHtml, escapeJs, escapeQuery, titleCase } from './escape.ts';
import { refuse } from './failure.ts';
import { printableValue, sprint, sprintln } from './format-value.ts';
import { sprintf } from './sprintf.ts';
import { toGoJson } from './to-json.ts';
import {
  boolValue,
  invalid,
  isTrue,
  stringSlice,
  stringValue,
  typeName,
  unwrapInterface,
  type Value,
} from './value.ts';

/** What a parameter takes: a string, anything (nil included), or anything just as it was found. */
export type Parameter = 'string' | 'any' | 'value';

/** A function that templates can call. */
export interface TemplateFunction {
  readonly parameters: readonly Parameter[];
  /** The type of further arguments, where any number may follow. */
  readonly rest?: Parameter | undefined;
  call(args: readonly Value[]): Value;
}

/** Go's own functions but `call`, docker-machine's `json` and `prettyjson`, and what Docker's CLI adds. */
export const templateFunctions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  // The evaluator stops at the argument that decides; see evaluateCall.
  ['and', { parameters: ['value'], rest: 'value', call: ([first = invalid]) => first }],
  ['or', { parameters: ['value'], rest: 'value', call: ([first = invalid]) => first }],
  ['not', { parameters: ['value'], call: ([value = invalid]) => boolValue(!isTrue(value)) }],
  ['len', { parameters: ['value'], call: ([value = invalid]) => lengthOf(value) }],
  ['index', { parameters: ['value'], rest: 'value', call: ([item = invalid, ...rest]) => indexInto(item, rest) }],
  ['slice', { parameters: ['value'], rest: 'value', call: ([item = invalid, ...rest]) => sliceOf(item, rest) }],
  ['eq', { parameters: ['value'], rest: 'value', call: ([a = invalid, ...rest]) => boolValue(equalsAny(a, rest)) }],
  ['ne', compares((a, b) => !equalsAny(a, [b]))],
  ['lt', compares(isLess)],
  ['le', compares(isLessOrEqual)],
  ['gt', compares((a, b) => !isLessOrEqual(a, b))],
  ['ge', compares((a, b) => !isLess(a, b))],
  ['print', prints(sprint)],
  ['println', prints(sprintln)],
  ['printf', { parameters: ['string'], rest: 'any', call: ([format, ...rest]) => text(sprintf(textOf(format), rest)) }],
  ['html', prints((values) => escapeHtml(sprintPrintable(values)))],
  ['js', prints((values) => escapeJs(sprintPrintable(values)))],
  ['urlquery', prints((values) => escapeQuery(sprintPrintable(values)))],
  ['json', { parameters: ['any'], call: ([value = invalid]) => text(toGoJson(value)) }],
  ['prettyjson', { parameters: ['any'], call: ([value = invalid]) => text(toGoJson(value, { indent: '    ' })) }],
  ['lower', changes((value) => value.toLowerCase())],
  ['upper', changes((value) => value.toUpperCase())],
  ['title', changes(titleCase)],
  [
    'split',
    { parameters: ['string', 'string'], call: ([value, separator]) => split(textOf(value), textOf(separator)) },
  ],
  ['join', { parameters: ['any', 'string'], call: ([list = invalid, separator]) => join(list, textOf(separator)) }],
]);

function compares(compare: (a: Value, b: Value) => boolean): TemplateFunction {
  return { parameters: ['value', 'value'], call: ([a = invalid, b = invalid]) => boolValue(compare(a, b)) };
}

function prints(print: (values: readonly Value[]) => string): TemplateFunction {
  return { parameters: [], rest: 'any', call: (values) => text(print(values)) };
}

function changes(change: (value: string) => string): TemplateFunction {
  return { parameters: ['string'], call: ([value]) => text(change(textOf(value))) };
}

function text(data: string): Value {
  return stringValue(data);
}

function textOf(value: Value | undefined): string {
  return value?.kind === 'string' ? value.data : '';
}

function isLessOrEqual(a: Value, b: Value): boolean {
  return isLess(a, b) || equalsAny(a, [b]);
}

function sprintPrintable(values: readonly Value[]): string {
  return sprint(values.map(printableValue));
}

function split(value: string, separator: string): Value {
  return stringSlice(separator === '' ? [...value] : value.split(separator));
}

/** Joins any list: JSON's lists are not lists of strings to Go, yet that is what users want to join. */
function join(list: Value, separator: string): Value {
  if (list.kind === 'invalid') return text('');
  if (list.kind !== 'slice') return refuse(`can't join item of type ${typeName(list)}`);
  return text(list.items.map((item) => sprint([unwrapInterface(item)])).join(separator));
}
