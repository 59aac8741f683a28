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
    const text = formatRecord(record);
    // As stored: numbers that JavaScript cannot hold stay as they are.
    if (flags.format === '') return { data: undefined, json: text, text: `${text}\n` };
    const { executeTemplate, parseTemplate } = await import('../../report/template/index.ts');
    const answer = executeTemplate(parseTemplate(flags.format), JSON.parse(text));
    return { data: answer, text: `${answer}\n` };
  },
});
