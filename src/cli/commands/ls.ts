import type { MachineRow } from '../../machine/list.ts';
import { type Answer, type Command, defineCommand, outputFlag } from '../command.ts';
import { noArguments } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'ls',
  summary: 'List machines',
  arguments: [],
  flags: {
    quiet: { type: 'boolean', short: 'q', summary: 'Print names only' },
    filter: { type: 'list', summary: 'Show machines with KEY=VALUE: driver, swarm, state, name (a pattern), label' },
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
    const { compareNaturally, listMachines } = await import('../../machine/list.ts');
    const filter = parseFilters(flags.filter);
    const stored = (await tools.store.loadAll()).filter((machine) => matchesStored(machine, filter));
    if (flags.quiet && filter.state.length === 0) {
      const names = stored.filter((machine) => machine.record !== undefined).map((machine) => machine.name);
      return namesOnly(names.toSorted(compareNaturally));
    }
    const options = { deadlineMs: flags.timeout * 1000, withVersion: !flags.quiet };
    const rows = (await listMachines(stored, tools, options)).filter((row) => matchesState(row, filter));
    if (flags.quiet) return namesOnly(rows.map((row) => row.name));
    const { toMachineData } = await import('../../report/machine-data.ts');
    return { data: rows.map(toMachineData), text: async () => await formatRows(rows, flags.format) };
  },
});

function namesOnly(names: readonly string[]): Answer {
  return { data: names, text: names.map((name) => `${name}\n`).join('') };
}

async function formatRows(rows: readonly MachineRow[], format: string): Promise<string> {
  if (format !== '') {
    const { formatByTemplate } = await import('../../report/machine-template.ts');
    return formatByTemplate(rows, format);
  }
  const { formatMachines } = await import('../../report/machine-table.ts');
  return formatMachines(rows);
}
