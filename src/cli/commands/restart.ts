import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'restart',
  summary: 'Restart machines',
  arguments: [{ name: 'name', optional: true, repeatable: true }],
  flags: {},
  async run({ args }, tools) {
    const names = await someMachines(args, tools.store);
    const { forEachMachine, throwFailures } = await import('../../machine/each.ts');
    const { restartMachine } = await import('../../machine/power.ts');
    throwFailures(await forEachMachine(names, (name) => restartMachine(name, tools)));
    tools.say('Restarted machines may have new IP addresses. You may need to re-run the `tmachine env` command.');
    return undefined;
  },
});
