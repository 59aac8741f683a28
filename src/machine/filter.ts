import { TmachineError } from '../errors/tmachine-error.ts';
import type { StoredMachine } from '../store/machine-store.ts';
import type { MachineRow } from './list.ts';

/** `--filter` values by key: one of a key's values must match, and every key must. */
export interface ListFilter {
  readonly driver: readonly string[];
  readonly swarm: readonly string[];
  readonly state: readonly string[];
  readonly name: readonly RegExp[];
  readonly label: readonly string[];
}

/** @throws TmachineError `FILTER_INVALID`. */
export function parseFilters(texts: readonly string[]): ListFilter {
  const filter = { driver: [], swarm: [], state: [], name: [], label: [] } as Record<string, unknown[]>;
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 0) throw invalid('Unsupported filter syntax', text);
    const key = text.slice(0, at).trim().toLowerCase();
    const value = text.slice(at + 1).trim();
    const values = Object.hasOwn(filter, key) ? filter[key] : undefined;
    if (values === undefined) throw invalid(`Unsupported filter key '${key}'`, text);
    values.push(key === 'name' ? parsePattern(value) : value);
  }
  return filter as unknown as ListFilter;
}

/** Whether a stored machine passes all that can be told without asking it. A machine that cannot be read passes by name alone. */
export function matchesStored(machine: StoredMachine, filter: ListFilter): boolean {
  const { record } = machine;
  if (!some(filter.name, (pattern) => pattern.test(machine.name))) return false;
  if (record === undefined) return isEmpty(filter.driver, filter.swarm, filter.label);
  const { EngineOptions, SwarmOptions } = record.options;
  return (
    some(filter.driver, (driver) => driver.toLowerCase() === record.driverName.toLowerCase()) &&
    some(filter.swarm, (name) => SwarmOptions.IsSwarm && SwarmOptions.Discovery !== '' && name === record.name) &&
    some(filter.label, (label) => EngineOptions.Labels.includes(label))
  );
}

/** Whether a row passes what only asking the machine tells. */
export function matchesState(row: MachineRow, filter: ListFilter): boolean {
  return some(filter.state, (state) => state.toLowerCase() === row.state.toLowerCase());
}

function some<T>(values: readonly T[], matches: (value: T) => boolean): boolean {
  return values.length === 0 || values.some(matches);
}

function isEmpty(...lists: readonly (readonly unknown[])[]): boolean {
  return lists.every((list) => list.length === 0);
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw invalid(`Unsupported filter syntax: ${(error as Error).message}`, `name=${text}`);
  }
}

function invalid(message: string, text: string): TmachineError {
  return new TmachineError(message, {
    code: 'FILTER_INVALID',
    hint: `"${text}" should be KEY=VALUE with driver, swarm, state, name or label as the key`,
  });
}
