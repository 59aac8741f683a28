import { type Command, defineCommand } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'provision',
  summary: 'Set machines up again',
  description: 'Sends certificates and engine options to running machines once more, and restarts their engines.',
  arguments: [{ name: 'name', optional: true, repeatable: true }],
  flags: {},
  async run({ args }, tools) {
    const names = await someMachines(args, tools.store);
    const { forEachMachine, throwFailures } = await import('../../machine/each.ts');
    const { provisionStored } = await import('../../machine/provision.ts');
    throwFailures(await forEachMachine(names, (name) => provisionStored(name, tools)));
    return undefined;
  },
});
