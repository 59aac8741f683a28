import type { CertificateDates } from '../../machine/certificate-dates.ts';
import type { ListOptions, MachineRow } from '../../machine/list.ts';
import type { StoredMachine } from '../../store/machine-store.ts';
import { type Answer, type Command, defineCommand, outputFlag, type Tools } from '../command.ts';
import type { FormatRows } from '../live-rows.ts';
import { noArguments } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'ls',
  summary: 'List machines',
  arguments: [],
  flags: {
    quiet: { type: 'boolean', short: 'q', summary: 'Print names only' },
    filter: {
      type: 'list',
      kind: 'filter',
      summary: 'Show machines with KEY=VALUE: driver, swarm, state, name (a pattern), label',
    },
    timeout: { type: 'integer', short: 't', default: 10, min: 1, summary: 'Seconds to wait for the machines' },
    format: {
      type: 'string',
      short: 'f',
      default: '',
      summary: 'Go template for each machine, "table " before it for columns',
    },
    ...outputFlag,
  },
  async run({ args, flags }, tools) {
    noArguments(args);
    const { matchesState, matchesStored, parseFilters } = await import('../../machine/filter.ts');
    const { compareNaturally } = await import('../../machine/list.ts');
    const { startDeadline } = await import('../../machine/deadline.ts');
    const { readStored } = await import('../../machine/read-stored.ts');
    const { swarmMasters } = await import('../../machine/swarm.ts');
    const filter = parseFilters(flags.filter);
    const { recallSeen } = await import('../../machine/remember-seen.ts');
    const format = await formatBy(flags.format);
    using deadline = startDeadline(flags.timeout * 1000, tools.signal, performance.now());
    const all = await readStored(tools.store, deadline);
    const masters = swarmMasters(all);
    const stored = all.filter((machine) => matchesStored(machine, filter, masters));
    if (flags.quiet && filter.state.length === 0) {
      const names = stored.filter((machine) => machine.record !== undefined).map((machine) => machine.name);
      return namesOnly(names.toSorted(compareNaturally));
    }
    const memory = await recallSeen(tools.store.layout.lastSeen, deadline);
    const look = { deadline, withVersion: !flags.quiet, lastSeen: memory.lastSeen, masters };
    const found = await lookAt(stored, { look, tools, format: isShownLive(flags) ? format : undefined });
    await memory.keep(found, all);
    const rows = found.filter((row) => matchesState(row, filter));
    if (flags.quiet) return namesOnly(rows.map((row) => row.name));
    const { toMachineData } = await import('../../report/machine-data.ts');
    const shown = flags.format.includes('Certificate') ? await withCertificates(rows, tools) : rows;
    return { data: rows.map(toMachineData), text: () => format(shown) };
  },
});

/** Only a table of all machines looks while it grows as it will in the end. */
function isShownLive(flags: { quiet: boolean; output: string; format: string; filter: readonly string[] }): boolean {
  const isTable = flags.format === '' || flags.format.startsWith('table');
  return isTable && !flags.quiet && flags.output === 'text' && !flags.filter.some((text) => /^\s*state\b/i.test(text));
}

async function lookAt(
  stored: readonly StoredMachine[],
  { look, tools, format }: { look: ListOptions; tools: Tools; format: FormatRows | undefined },
): Promise<readonly MachineRow[]> {
  const { listMachines, sortRows } = await import('../../machine/list.ts');
  if (format === undefined || tools.screen === undefined) return await listMachines(stored, tools, look);
  const { showRows } = await import('../live-rows.ts');
  await using live = showRows(stored, (rows) => format(sortRows(rows)), tools);
  return await listMachines(stored, tools, { ...look, onRow: (row) => live.add(row) });
}

function namesOnly(names: readonly string[]): Answer {
  return { data: names, text: names.map((name) => `${name}\n`).join('') };
}

/** A template with an error is refused before any machine is asked. */
async function formatBy(format: string): Promise<FormatRows> {
  if (format === '') return (await import('../../report/machine-table.ts')).formatMachines;
  const { compileRows } = await import('../../report/machine-template.ts');
  return compileRows(format);
}

/** Only for templates that ask: nobody else shall pay for reading a file of each machine. */
async function withCertificates(rows: readonly MachineRow[], { store }: Tools): Promise<readonly ListedMachine[]> {
  const { readDates } = await import('../../machine/certificate-dates.ts');
  const read = async (row: MachineRow) => ({
    ...row,
    certificate: await readDates(store.layout.machine(row.name).serverCert),
  });
  return await Promise.all(rows.map(read));
}

type ListedMachine = MachineRow & { readonly certificate?: CertificateDates | undefined };
