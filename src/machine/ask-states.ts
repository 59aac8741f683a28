import type { MachineState } from '../driver/contract.ts';
import type { MachineRecord } from '../store/record.ts';
import type { MachineContext } from './context.ts';
import { driverRecord, hostOf } from './machine.ts';

/** The states of machines whose drivers tell them all at once, by machine name; those of other drivers are missing. */
export type AskedStates = ReadonlyMap<string, Promise<MachineState>>;

/** Asks each driver that can answer for several machines once. A failure is in the promise of each of its machines. */
export async function askStates(records: readonly MachineRecord[], context: MachineContext): Promise<AskedStates> {
  const asked = new Map<string, Promise<MachineState>>();
  for (const definition of await context.drivers()) {
    const own = records.filter((record) => record.driverName === definition.name);
    if (definition.states === undefined || own.length === 0) continue;
    const machines = own.map((record) => ({
      record: driverRecord(record),
      host: hostOf(record, context),
    }));
    const answer = definition.states(machines);
    for (const [index, { name }] of own.entries()) {
      const state = answer.then((states) => states[index] ?? 'Error');
      state.catch(() => undefined);
      asked.set(name, state);
    }
  }
  return asked;
}
