import { TmachineError } from '../errors/tmachine-error.ts';
import type { StoredMachine } from '../store/machine-store.ts';
import { parseGoPattern } from './go-pattern.ts';
import type { MachineRow } from './list.ts';

/** What `--filter` may ask about. */
export const filterKeys = ['driver', 'swarm', 'state', 'name', 'label'] as const;

/** The states a machine can be listed in; the type checker knows when one is missing. */
const listedStates: Readonly<Record<Exclude<MachineRow['state'], ''>, true>> = {
  Running: true,
  Paused: true,
  Saved: true,
  Stopped: true,
  Stopping: true,
  Starting: true,
  Error: true,
  Timeout: true,
};
export const filterStates: readonly string[] = Object.keys(listedStates);

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
  const filter: Record<string, unknown[]> = Object.fromEntries(filterKeys.map((key) => [key, []]));
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
export function matchesStored(
  machine: StoredMachine,
  filter: ListFilter,
  masters: ReadonlyMap<string, string> = new Map(),
): boolean {
  const { record } = machine;
  if (!some(filter.name, (pattern) => pattern.test(machine.name))) return false;
  if (record === undefined) return isEmpty(filter.driver, filter.swarm, filter.label);
  const { EngineOptions, SwarmOptions } = record.options;
  return (
    some(filter.driver, (driver) => isSame(driver, record.driverName)) &&
    some(filter.swarm, (master) => isSame(master, masters.get(SwarmOptions.Discovery))) &&
    some(filter.label, (label) => EngineOptions.Labels.some((own) => matchesLabel(own, label)))
  );
}

/** Whether a row passes what only asking the machine tells. */
export function matchesState(row: MachineRow, filter: ListFilter): boolean {
  return some(filter.state, (state) => isSame(state, row.state));
}

/** A label without a value is one with whatever value. */
function matchesLabel(own: string, wanted: string): boolean {
  const [name, value] = splitLabel(own);
  const [wantedName, wantedValue] = splitLabel(wanted);
  return name === wantedName && (wantedValue === undefined || isSame(wantedValue, value ?? ''));
}

function splitLabel(label: string): readonly [name: string, value: string | undefined] {
  const at = label.indexOf('=');
  return at < 0 ? [label, undefined] : [label.slice(0, at), label.slice(at + 1)];
}

/** docker-machine compares values without regard to case. */
function isSame(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}

function some<T>(values: readonly T[], matches: (value: T) => boolean): boolean {
  return values.length === 0 || values.some(matches);
}

function isEmpty(...lists: readonly (readonly unknown[])[]): boolean {
  return lists.every((list) => list.length === 0);
}

function parsePattern(text: string): RegExp {
  try {
    return parseGoPattern(text);
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
