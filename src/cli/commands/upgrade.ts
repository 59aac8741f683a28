import { type Command, defineCommand } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'upgrade',
  summary: 'Upgrade the Docker Engine of machines',
  description:
    'A machine that starts from a boot image gets the newest one, for which it is stopped and started. On other hosts ' +
    "the engine's package is upgraded. What is newest already is left alone.",
  arguments: [{ name: 'name', optional: true, repeatable: true }],
  flags: {},
  async run({ args }, tools) {
    const names = await someMachines(args, tools.store);
    const { forEachMachine, throwFailures } = await import('../../machine/each.ts');
    const { upgradeMachine } = await import('../../machine/upgrade.ts');
    throwFailures(await forEachMachine(names, (name) => upgradeMachine(name, tools)));
    return undefined;
  },
});
