import { type Command, defineCommand, outputFlag } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'status',
  summary: 'Print the state of a machine',
  arguments: [{ name: 'name', optional: true }],
  flags: outputFlag,
  async run({ args }, tools) {
    const name = await oneMachine(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    await using machine = await openMachine(name, tools);
    const state = await machine.driver.state();
    return { data: { name, state }, text: `${state}\n` };
  },
});
