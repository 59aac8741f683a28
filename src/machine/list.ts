import type { MachineState } from '../driver/contract.ts';
import { type ShareSecureContext, shareSecureContexts } from '../engine/secure-context.ts';
import { messageOf } from '../errors/tmachine-error.ts';
import type { EngineOptions, SwarmOptions } from '../store/host-options.ts';
import type { StoredMachine } from '../store/machine-store.ts';
import type { MachineRecord } from '../store/record.ts';
import { isActive } from './active.ts';
import { type AskedStates, askStates } from './ask-states.ts';
import type { MachineContext } from './context.ts';
import { engineVersion } from './engine.ts';
import { openRecord } from './machine.ts';

/** One row of `ls`, in docker-machine's terms. */
export interface MachineRow {
  readonly name: string;
  readonly driverName: string;
  readonly state: MachineState;
  readonly url: string;
  readonly active: boolean;
  /** `v26.1.5`, `Unknown` when the engine did not say, empty when it was not asked. */
  readonly dockerVersion: string;
  readonly error: string;
  readonly responseTimeMs: number;
  readonly engineOptions?: EngineOptions | undefined;
  readonly swarmOptions?: SwarmOptions | undefined;
}

/** How `listMachines` asks. `withVersion` off saves a TLS connection to each running machine. */
export interface ListOptions {
  readonly deadlineMs: number;
  readonly withVersion: boolean;
}

/** Looks at all machines at once. Each is given up at the deadline, with state `Timeout`; no failure hides another row. */
export async function listMachines(
  machines: readonly StoredMachine[],
  context: MachineContext,
  options: ListOptions,
): Promise<readonly MachineRow[]> {
  const records = machines.flatMap(({ record }) => (record === undefined ? [] : [record]));
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(options.deadlineMs)]);
  const look = { ...options, states: await askStates(records, { ...context, signal }), share: shareSecureContexts() };
  const rows = await Promise.all(machines.map((machine) => lookBefore(machine, context, look)));
  return rows.toSorted((one, other) => compareNaturally(one.name, other.name));
}

/** Upper and lower case alike, numbers by value: a2 comes before a10. */
export function compareNaturally(one: string, other: string): number {
  return natural.compare(one, other) || (one < other ? -1 : one > other ? 1 : 0);
}

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

interface LookOptions extends ListOptions {
  readonly states: AskedStates;
  readonly share: ShareSecureContext;
}

async function lookBefore(machine: StoredMachine, context: MachineContext, options: LookOptions): Promise<MachineRow> {
  if (machine.record === undefined) return errorRow(machine.name, machine.error);
  const startedAt = Date.now();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), options.deadlineMs);
  const signal = AbortSignal.any([context.signal, deadline.signal]);
  const late = new Promise<MachineRow>((resolve) => {
    deadline.signal.addEventListener('abort', () => resolve(timeoutRow(machine.record, startedAt)));
  });
  try {
    return await Promise.race([look(machine.record, { ...context, signal }, { ...options, startedAt }), late]);
  } catch (error) {
    return deadline.signal.aborted
      ? timeoutRow(machine.record, startedAt)
      : { ...baseRow(machine.record, startedAt), state: 'Error', error: oneLine(messageOf(error)) };
  } finally {
    clearTimeout(timer);
  }
}

async function look(
  record: MachineRecord,
  context: MachineContext,
  options: LookOptions & { readonly startedAt: number },
): Promise<MachineRow> {
  await using machine = await openRecord(record, context);
  const state = await (options.states.get(record.name) ?? machine.driver.state());
  const row = { ...baseRow(record, options.startedAt), state };
  if (state !== 'Running') return row;
  const url = machine.driver.recordedUrl?.() ?? (await machine.driver.dockerUrl()) ?? '';
  const seen = { ...row, url, active: isActive(url, context.env['DOCKER_HOST']) };
  if (!options.withVersion || url === '') return seen;
  const answer = await engineVersion(machine, url, { signal: context.signal, share: options.share }).then(
    (version) => ({ dockerVersion: `v${version}`, error: '' }),
    (error: unknown) => ({ dockerVersion: 'Unknown', error: oneLine(messageOf(error)) }),
  );
  context.signal.throwIfAborted();
  return { ...seen, ...answer, responseTimeMs: Date.now() - options.startedAt };
}

function baseRow(record: MachineRecord, startedAt: number): MachineRow {
  return {
    name: record.name,
    driverName: record.driverName,
    state: '',
    url: '',
    active: false,
    dockerVersion: 'Unknown',
    error: '',
    responseTimeMs: Date.now() - startedAt,
    engineOptions: record.options.EngineOptions,
    swarmOptions: record.options.SwarmOptions,
  };
}

function timeoutRow(record: MachineRecord, startedAt: number): MachineRow {
  return { ...baseRow(record, startedAt), state: 'Timeout', dockerVersion: '' };
}

function errorRow(name: string, error: unknown): MachineRow {
  return {
    name,
    driverName: 'not found',
    state: 'Error',
    url: '',
    active: false,
    dockerVersion: 'Unknown',
    error: oneLine(messageOf(error)),
    responseTimeMs: 0,
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
