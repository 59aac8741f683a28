import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'stop',
  summary: 'Shut machines down',
  arguments: [{ name: 'name', optional: true, repeatable: true }],
  flags: {},
  async run({ args }, tools) {
    const names = await someMachines(args, tools.store);
    const { forEachMachine, throwFailures } = await import('../../machine/each.ts');
    const { stopMachine } = await import('../../machine/power.ts');
    throwFailures(await forEachMachine(names, (name) => stopMachine(name, tools)));
    return undefined;
  },
});
