import type { MachineFiles } from '../../store/layout.ts';
import { type Command, defineCommand, outputFlag } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'inspect',
  summary: 'Show all that is stored about a machine',
  arguments: [{ name: 'name', optional: true }],
  flags: {
    format: { type: 'string', short: 'f', default: '', summary: 'Go template over the stored values' },
    ...outputFlag,
  },
  async run({ args, flags }, tools) {
    const name = await oneMachine(args, tools.store);
    const record = await tools.store.load(name);
    const { formatRecord } = await import('../../store/record.ts');
    const stored = formatRecord(record);
    // A template that does not name them gets what docker-machine would give it, and costs no reading.
    const isAsked = flags.format === '' || flags.format.includes('Certificates');
    const text = isAsked ? await withCertificates(stored, tools.store.layout.machine(name)) : stored;
    // As stored: numbers that JavaScript cannot hold stay as they are.
    if (flags.format === '') return { data: undefined, json: text, text: `${text}\n` };
    const { executeTemplate, parseTemplate } = await import('../../report/template/index.ts');
    const answer = executeTemplate(parseTemplate(flags.format), JSON.parse(text));
    return { data: answer, text: `${answer}\n` };
  },
});

/** The stored text, byte by byte, with one more key behind it. */
async function withCertificates(stored: string, files: MachineFiles): Promise<string> {
  const { readMachineDates } = await import('../../machine/certificate-dates.ts');
  const dates = await readMachineDates(files);
  if (dates === undefined) return stored;
  const added = JSON.stringify({ Certificates: dates }, null, 4).slice(1);
  return `${stored.replace(/\n\}$/, '')},${added}`;
}
