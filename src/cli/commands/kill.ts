import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'kill',
  summary: 'Switch machines off without asking them',
  arguments: [{ name: 'name', optional: true, repeatable: true }],
  flags: {},
  async run({ args }, tools) {
    const names = await someMachines(args, tools.store);
    const { forEachMachine, throwFailures } = await import('../../machine/each.ts');
    const { killMachine } = await import('../../machine/power.ts');
    throwFailures(await forEachMachine(names, (name) => killMachine(name, tools)));
    return undefined;
  },
});
