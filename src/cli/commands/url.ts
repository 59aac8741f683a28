import { type Command, defineCommand, outputFlag } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'url',
  summary: 'Print the address of a Docker Engine',
  arguments: [{ name: 'name', optional: true }],
  flags: outputFlag,
  async run({ args }, tools) {
    const name = await oneMachine(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    const { findUrl } = await import('../../machine/find-url.ts');
    await using machine = await openMachine(name, tools);
    const url = await findUrl(machine, tools);
    return { data: { name, url }, text: `${url}\n` };
  },
});
