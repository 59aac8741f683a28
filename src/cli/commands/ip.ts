import { messageOf } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand, outputFlag } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'ip',
  summary: 'Print the addresses of machines',
  arguments: [{ name: 'name', optional: true, repeatable: true }],
  flags: outputFlag,
  async run({ args }, tools) {
    const names = await someMachines(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    const { endpointOf } = await import('../../machine/engine-url.ts');
    const { findUrl } = await import('../../machine/find-url.ts');
    const { failureOf, forEachMachine } = await import('../../machine/each.ts');
    const outcomes = await forEachMachine(names, async (name) => {
      await using machine = await openMachine(name, tools);
      return endpointOf(await findUrl(machine, tools)).host;
    });
    return {
      data: outcomes.map((outcome) => {
        if ('value' in outcome) return { name: outcome.name, ip: outcome.value };
        return { name: outcome.name, error: messageOf(outcome.error) };
      }),
      text: outcomes.map((outcome) => ('value' in outcome ? `${outcome.value}\n` : '')).join(''),
      failure: failureOf(outcomes),
    };
  },
});
