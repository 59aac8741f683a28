import { type LastSeenMachines, readLastSeen, writeLastSeen } from '../store/last-seen.ts';
import type { StoredMachine } from '../store/machine-store.ts';
import type { Deadline } from './deadline.ts';
import type { MachineRow } from './list.ts';

/** What the machines said before, and a place for what they say now. */
export interface SeenMemory {
  readonly lastSeen: LastSeenMachines;
  /** Keeps what rows tell, where it is news. Neither this nor the reading ever makes a command late. */
  keep(rows: readonly MachineRow[], all: readonly StoredMachine[]): Promise<void>;
}

/** Reads what was kept. */
export async function recallSeen(path: string, deadline: Deadline): Promise<SeenMemory> {
  const lastSeen = await deadline.race<LastSeenMachines, LastSeenMachines>(readLastSeen(path), () => new Map());
  return {
    lastSeen,
    async keep(rows, all) {
      const next = planLastSeen(
        lastSeen,
        rows,
        all.map((machine) => machine.name),
      );
      if (formatSeen(next) === formatSeen(lastSeen)) return;
      const patience = Math.max(500, deadline.timeoutMs / 10);
      await Promise.race([writeLastSeen(path, next), new Promise((resolve) => setTimeout(resolve, patience).unref())]);
    },
  };
}

/** What rows tell of their machines, for the day on which one is silent; machines that are no longer in the store are forgotten. */
export function planLastSeen(
  before: LastSeenMachines,
  rows: readonly MachineRow[],
  names: readonly string[],
): LastSeenMachines {
  const kept = new Set(names);
  const next = new Map([...before].filter(([name]) => kept.has(name)));
  for (const { name, state, url } of rows)
    if (!['Timeout', 'Error', ''].includes(state)) next.set(name, { state, url: url || (before.get(name)?.url ?? '') });
  return next;
}

function formatSeen(machines: LastSeenMachines): string {
  return JSON.stringify([...machines].toSorted());
}
