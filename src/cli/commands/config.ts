import { type Command, defineCommand, outputFlag } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'config',
  summary: 'Print the Docker CLI options that reach a machine',
  arguments: [{ name: 'name', optional: true }],
  flags: { swarm: { type: 'boolean', summary: 'Accepted; classic Swarm is gone' }, ...outputFlag },
  async run({ args }, tools) {
    const name = await oneMachine(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    const { checkConnection } = await import('../../machine/connection.ts');
    const { formatConfig, planConfig } = await import('../../env/config.ts');
    await using machine = await openMachine(name, tools);
    const url = await checkConnection(machine, 'Error running connection boilerplate', tools);
    const options = planConfig({ directory: machine.files.directory, url, platform: tools.platform });
    return { data: options, text: formatConfig(options) };
  },
});
