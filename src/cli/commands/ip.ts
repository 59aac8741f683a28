import { type Command, defineCommand } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'ip',
  summary: 'Print the addresses of machines',
  arguments: [{ name: 'name', optional: true, repeatable: true }],
  flags: {},
  async run({ args }, tools) {
    const names = await someMachines(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    const { endpointOf } = await import('../../machine/engine-url.ts');
    const { findUrl } = await import('../../machine/find-url.ts');
    const { forEachMachine, throwFailures } = await import('../../machine/each.ts');
    const outcomes = await forEachMachine(names, async (name) => {
      await using machine = await openMachine(name, tools);
      return endpointOf(await findUrl(machine, tools)).host;
    });
    for (const outcome of outcomes) if ('value' in outcome) tools.print(`${outcome.value}\n`);
    throwFailures(outcomes);
    return undefined;
  },
});
