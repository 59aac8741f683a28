import type { MachineRow } from '../machine/list.ts';
import type { StoredMachine } from '../store/machine-store.ts';
import type { Tools } from './command.ts';

/** How rows become text; it may fail on what a template asks for. */
export type FormatRows = (rows: readonly MachineRow[]) => string;

/** Rows on a terminal while some are still missing. */
export interface LiveRows extends AsyncDisposable {
  add(row: MachineRow): void;
}

const tickMs = 100;

/** Shows rows as they become known, where standard output is a terminal; what is drawn is gone again when disposed of. */
export function showRows(machines: readonly StoredMachine[], format: FormatRows, { screen }: Tools): LiveRows {
  const rows = new Map(machines.map((machine) => [machine.name, pendingRow(machine)]));
  let isNews = true;
  const drawing = screen === undefined ? undefined : startDrawing();
  return {
    add(row) {
      rows.set(row.name, row);
      isNews = true;
    },
    async [Symbol.asyncDispose]() {
      await drawing?.stop();
    },
  };

  function startDrawing(): { stop(): Promise<void> } {
    let live: Promise<{ draw(text: string): void; clear(): void }> | undefined;
    const timer = setInterval(() => {
      if (!isNews || screen === undefined) return;
      isNews = false;
      live ??= import('../report/live-text.ts').then(({ createLiveText }) => createLiveText(screen));
      live.then(({ draw }) => draw(format([...rows.values()]))).catch(() => clearInterval(timer));
    }, tickMs);
    return {
      async stop() {
        clearInterval(timer);
        (await live)?.clear();
      },
    };
  }
}

/** What the store knows of a machine that has not answered yet. */
function pendingRow({ name, record }: StoredMachine): MachineRow {
  return {
    name,
    driverName: record?.driverName ?? '',
    state: '',
    url: '',
    active: false,
    activeSwarm: false,
    swarm: '',
    dockerVersion: '',
    error: '',
    responseTimeMs: 0,
    engineOptions: record?.options.EngineOptions,
    swarmOptions: record?.options.SwarmOptions,
  };
}
