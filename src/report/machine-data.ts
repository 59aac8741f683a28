import type { TableMachine } from './machine-table.ts';

/** A machine as `ls --output json` tells it; what is not known is `null`. */
export interface MachineData {
  readonly name: string;
  readonly active: boolean;
  /** Whether DOCKER_HOST means its classic Swarm. */
  readonly activeSwarm: boolean;
  readonly driver: string | null;
  readonly state: string;
  /** The state from before, where `state` is `Timeout`. */
  readonly lastState: string | null;
  readonly url: string | null;
  /** Of the engine, without the `v` of the table. */
  readonly dockerVersion: string | null;
  readonly error: string | null;
  /** The master of its classic Swarm. */
  readonly swarm: string | null;
  readonly responseTimeMs: number;
  /** As `create --engine-label` took them. */
  readonly labels: readonly string[];
}

/** The machine of a row as data. */
export function toMachineData(machine: TableMachine): MachineData {
  const { name, active, activeSwarm, state, responseTimeMs } = machine;
  const version = machine.dockerVersion.replace(/^v/, '');
  return {
    name,
    active,
    activeSwarm,
    driver: machine.driverName === 'not found' ? null : machine.driverName,
    state,
    lastState: machine.lastState || null,
    url: machine.url || null,
    dockerVersion: version === '' || version === 'Unknown' ? null : version,
    error: machine.error || null,
    swarm: machine.swarm || null,
    responseTimeMs,
    labels: machine.engineOptions?.Labels ?? [],
  };
}
