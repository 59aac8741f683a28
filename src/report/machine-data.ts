import type { TableMachine } from './machine-table.ts';

/** A machine as `ls --output json` tells it; what is not known is `null`. */
export interface MachineData {
  readonly name: string;
  readonly active: boolean;
  readonly driver: string | null;
  readonly state: string;
  readonly url: string | null;
  /** Of the engine, without the `v` of the table. */
  readonly dockerVersion: string | null;
  readonly error: string | null;
  readonly responseTimeMs: number;
  /** As `create --engine-label` took them. */
  readonly labels: readonly string[];
}

/** The machine of a row as data. */
export function toMachineData(machine: TableMachine): MachineData {
  const { name, active, state, responseTimeMs } = machine;
  const version = machine.dockerVersion.replace(/^v/, '');
  return {
    name,
    active,
    driver: machine.driverName === 'not found' ? null : machine.driverName,
    state,
    url: machine.url || null,
    dockerVersion: version === '' || version === 'Unknown' ? null : version,
    error: machine.error || null,
    responseTimeMs,
    labels: machine.engineOptions?.Labels ?? [],
  };
}
