import { exitCodes } from '../errors/exit-codes.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { Environment } from '../host/environment.ts';
import type { FlagSpec, FlagSpecs, FlagValues } from './flags.ts';

/** What was typed, by flag name: text as it stood there, `true` for a flag without a value, all values of a list. */
export type TypedFlags = { readonly [name: string]: string | boolean | readonly string[] | undefined };

type IntegerSpec = Extract<FlagSpec, { type: 'integer' }>;

/**
 * The value of each flag: what was typed, else its environment variable, else its default. An empty variable counts as
 * unset; the variable of a list is split on commas; booleans are read as Go's `strconv.ParseBool` reads them.
 *
 * @throws TmachineError `FLAG_INVALID` naming the flag or the variable.
 */
export function resolveFlags<F extends FlagSpecs>(specs: F, typed: TypedFlags, env: Environment): FlagValues<F> {
  const values = Object.entries(specs).map(([name, spec]) => [name, resolveFlag(name, spec, { typed, env })]);
  return Object.fromEntries(values) as FlagValues<F>;
}

function resolveFlag(name: string, spec: FlagSpec, given: { typed: TypedFlags; env: Environment }): unknown {
  const typed = given.typed[name];
  if (typed !== undefined) return read(spec, typed, `for --${name}`);
  const variable = spec.env === undefined ? '' : (given.env[spec.env] ?? '');
  if (variable !== '') return read(spec, spec.type === 'list' ? splitList(variable) : variable, `in ${spec.env}`);
  if (spec.type === 'boolean') return false;
  return spec.type === 'list' ? (spec.default ?? []) : spec.default;
}

function read(spec: FlagSpec, value: string | boolean | readonly string[], where: string): unknown {
  switch (spec.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : parseBool(String(value), where);
    case 'integer':
      return parseInteger(String(value), spec, where);
    case 'list':
      return Array.isArray(value) ? value : [String(value)];
    case 'string':
      return oneOf(String(value), spec.choices, where);
    default:
      return spec satisfies never;
  }
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/**
 * Reads a boolean as Go's `strconv.ParseBool` does; `where` ends the error's first half, such as `for --force`.
 *
 * @throws TmachineError `FLAG_INVALID`.
 */
export function parseBool(text: string, where: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw invalid(text, where, 'say true or false');
}

function parseInteger(text: string, spec: IntegerSpec, where: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw invalid(text, where, 'it is not a whole number');
  if (spec.min !== undefined && value < spec.min) throw invalid(text, where, `the least is ${spec.min}`);
  if (spec.max !== undefined && value > spec.max) throw invalid(text, where, `the most is ${spec.max}`);
  return value;
}

function oneOf(text: string, choices: readonly string[] | undefined, where: string): string {
  if (choices === undefined || choices.includes(text)) return text;
  throw invalid(text, where, `choose from ${choices.join(', ')}`);
}

function invalid(text: string, where: string, reason: string): TmachineError {
  return new TmachineError(`Invalid value "${text}" ${where}: ${reason}`, {
    code: 'FLAG_INVALID',
    exitCode: exitCodes.usage,
  });
}
