import { type Command, defineCommand } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'status',
  summary: 'Print the state of a machine',
  arguments: [{ name: 'name', optional: true }],
  flags: {},
  async run({ args }, tools) {
    const name = await oneMachine(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    await using machine = await openMachine(name, tools);
    tools.print(`${await machine.driver.state()}\n`);
    return undefined;
  },
});
