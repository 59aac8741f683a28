import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'start',
  summary: 'Start machines',
  arguments: [{ name: 'name', optional: true, repeatable: true }],
  flags: {},
  async run({ args }, tools) {
    const names = await someMachines(args, tools.store);
    const { forEachMachine, throwFailures } = await import('../../machine/each.ts');
    const { startMachine } = await import('../../machine/power.ts');
    throwFailures(await forEachMachine(names, (name) => startMachine(name, tools)));
    tools.say('Started machines may have new IP addresses. You may need to re-run the `tmachine env` command.');
    return undefined;
  },
});
