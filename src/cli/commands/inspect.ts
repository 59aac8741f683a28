import { type Command, defineCommand } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'inspect',
  summary: 'Show all that is stored about a machine',
  arguments: [{ name: 'name', optional: true }],
  flags: {
    format: { type: 'string', short: 'f', default: '', summary: 'Go template over the stored values' },
  },
  async run({ args, flags }, tools) {
    const name = await oneMachine(args, tools.store);
    const record = await tools.store.load(name);
    const { formatRecord } = await import('../../store/record.ts');
    const text = formatRecord(record);
    if (flags.format === '') {
      tools.print(`${text}\n`);
      return undefined;
    }
    const { executeTemplate, parseTemplate } = await import('../../report/template/index.ts');
    tools.print(`${executeTemplate(parseTemplate(flags.format), JSON.parse(text))}\n`);
    return undefined;
  },
});
