import { type Command, defineCommand } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'url',
  summary: 'Print the address of a Docker Engine',
  arguments: [{ name: 'name', optional: true }],
  flags: {},
  async run({ args }, tools) {
    const name = await oneMachine(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    const { findUrl } = await import('../../machine/find-url.ts');
    await using machine = await openMachine(name, tools);
    tools.print(`${await findUrl(machine, tools)}\n`);
    return undefined;
  },
});
