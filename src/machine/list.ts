import type { MachineState } from '../driver/contract.ts';
import { type ShareSecureContext, shareSecureContexts } from '../engine/secure-context.ts';
import { messageOf, type TmachineError } from '../errors/tmachine-error.ts';
import type { EngineOptions, SwarmOptions } from '../store/host-options.ts';
import type { LastSeenMachines } from '../store/last-seen.ts';
import type { StoredMachine } from '../store/machine-store.ts';
import type { MachineRecord } from '../store/record.ts';
import { type ActiveTarget, findActive, isActive } from './active.ts';
import { type AskedStates, askStates } from './ask-states.ts';
import type { MachineContext } from './context.ts';
import type { Deadline } from './deadline.ts';
import { engineVersion } from './engine.ts';
import { openRecord } from './machine.ts';
import { formatSwarm, swarmMasters, swarmUrl } from './swarm.ts';

/** One row of `ls`, in docker-machine's terms. */
export interface MachineRow {
  readonly name: string;
  readonly driverName: string;
  readonly state: MachineState;
  readonly url: string;
  readonly active: boolean;
  /** Whether DOCKER_HOST means the classic Swarm of this master. */
  readonly activeSwarm: boolean;
  /** The name of its Swarm's master. */
  readonly swarm: string;
  /** `v26.1.5`, `Unknown` when the engine did not say, empty when it was not asked. */
  readonly dockerVersion: string;
  readonly error: string;
  readonly responseTimeMs: number;
  /** The state from before of a machine that did not answer. */
  readonly lastState?: string | undefined;
  readonly engineOptions?: EngineOptions | undefined;
  readonly swarmOptions?: SwarmOptions | undefined;
}

/** How `listMachines` asks. */
export interface ListOptions {
  readonly deadline: Deadline;
  /** Off saves a TLS connection to each running machine. */
  readonly withVersion: boolean;
  /** What the machines said before, for those that are silent now. */
  readonly lastSeen?: LastSeenMachines;
  /** Masters of all machines of the store, where only some are listed. */
  readonly masters?: ReadonlyMap<string, string>;
  /** Told of each row as soon as it is known, in the order in which they become so. */
  readonly onRow?: (row: MachineRow) => void;
}

/** Looks at all machines at once. Each is given up at the deadline, with state `Timeout`; no failure hides another row. */
export async function listMachines(
  machines: readonly StoredMachine[],
  context: MachineContext,
  options: ListOptions,
): Promise<readonly MachineRow[]> {
  const { signal } = options.deadline;
  const records = machines.flatMap(({ record }) => (record === undefined ? [] : [record]));
  const within = { ...context, signal };
  const [states, active] = await Promise.all([
    options.deadline.race(askStates(records, within), () => noStates),
    findActive(context),
  ]);
  const look = {
    ...options,
    states,
    active,
    share: shareSecureContexts(),
    masters: options.masters ?? swarmMasters(machines),
  };
  const rows = await Promise.all(
    machines.map(async (machine) => {
      const row = await lookBefore(machine, within, look);
      options.onRow?.(row);
      return row;
    }),
  );
  return sortRows(rows);
}

/** In the order of `ls`. */
export function sortRows(rows: readonly MachineRow[]): readonly MachineRow[] {
  return rows.toSorted((one, other) => compareNaturally(one.name, other.name));
}

/** Upper and lower case alike, numbers by value: a2 comes before a10. */
export function compareNaturally(one: string, other: string): number {
  return natural.compare(one, other) || (one < other ? -1 : one > other ? 1 : 0);
}

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const noStates: AskedStates = new Map();

interface LookOptions extends ListOptions {
  readonly states: AskedStates;
  readonly active: ActiveTarget | undefined;
  readonly share: ShareSecureContext;
  readonly masters: ReadonlyMap<string, string>;
}

async function lookBefore(machine: StoredMachine, context: MachineContext, options: LookOptions): Promise<MachineRow> {
  const { deadline, lastSeen, masters } = options;
  if (machine.record === undefined) return errorRow(machine.name, machine.error);
  const seen: Partial<Seen> = { ...lastSeen?.get(machine.name) };
  const base = { ...baseRow(machine.record), swarm: formatSwarm(machine, masters) };
  const startedAt = Date.now();
  const took = (): { readonly responseTimeMs: number } => ({ responseTimeMs: Date.now() - startedAt });
  const late = (): MachineRow => ({ ...base, ...took(), ...silence(seen, deadline.timeoutMs) });
  try {
    const found = await deadline.race(look(machine.record, context, { ...options, seen }), () => undefined);
    return found === undefined ? late() : { ...base, ...took(), ...found };
  } catch (error) {
    if (deadline.isInterrupted()) throw error;
    return deadline.isOver() ? late() : { ...base, ...took(), state: 'Error', error: oneLine(messageOf(error)) };
  }
}

/** What is known of a machine so far, now or from before. */
interface Seen {
  state: string;
  url: string;
}

type Found = Pick<MachineRow, 'state'> & Partial<MachineRow>;

async function look(
  record: MachineRecord,
  context: MachineContext,
  options: LookOptions & { readonly seen: Partial<Seen> },
): Promise<Found> {
  await using machine = await openRecord(record, context);
  const recorded = machine.driver.recordedUrl?.();
  options.seen.url ??= recorded ?? '';
  const state = await (options.states.get(record.name) ?? machine.driver.state());
  if (state === 'Timeout') {
    options.seen.url ||= (await machine.driver.dockerUrl()) ?? '';
    return silence(options.seen);
  }
  if (state !== 'Running') return { state };
  options.seen.state = state;
  const url = recorded ?? (await machine.driver.dockerUrl()) ?? '';
  options.seen.url = url;
  const { Master, Host } = record.options.SwarmOptions;
  const activeSwarm = Master && isActive(options.active, { name: '', url: swarmUrl(url, Host) });
  const found = { state, url, active: isActive(options.active, { name: record.name, url }), activeSwarm };
  if (!options.withVersion || url === '') return found;
  const { signal } = context;
  const asking = { signal, share: options.share, timeoutMs: options.deadline.timeoutMs };
  const answer = await engineVersion(machine, url, asking).then(
    (version) => ({ dockerVersion: `v${version}`, error: '' }),
    (error: unknown) => ({ dockerVersion: 'Unknown', error: oneLine(messageOf(error)) }),
  );
  signal.throwIfAborted();
  return { ...found, ...answer };
}

function baseRow(record: MachineRecord): MachineRow {
  return {
    name: record.name,
    driverName: record.driverName,
    state: '',
    url: '',
    active: false,
    activeSwarm: false,
    swarm: '',
    dockerVersion: 'Unknown',
    error: '',
    responseTimeMs: 0,
    engineOptions: record.options.EngineOptions,
    swarmOptions: record.options.SwarmOptions,
  };
}

/** A machine that did not answer keeps the address and the state it had. */
function silence({ url = '', state = '' }: Partial<Seen>, timeoutMs?: number): Found {
  const time = timeoutMs === undefined ? '' : ` in ${timeoutMs / 1000} s`;
  const known = state === '' ? '' : `; last known: ${state}`;
  return { state: 'Timeout', url, dockerVersion: '', error: `no answer${time}${known}`, lastState: state };
}

function errorRow(name: string, error: TmachineError): MachineRow {
  return {
    name,
    driverName: 'not found',
    state: error.code === 'TIMED_OUT' ? 'Timeout' : 'Error',
    url: '',
    active: false,
    activeSwarm: false,
    swarm: '',
    dockerVersion: 'Unknown',
    error: oneLine(error.message),
    responseTimeMs: 0,
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
