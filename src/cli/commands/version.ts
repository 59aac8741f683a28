import { type Command, defineCommand, outputFlag } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'version',
  summary: 'Print the version of tmachine, or of the engine in a machine',
  arguments: [{ name: 'name', optional: true }],
  flags: outputFlag,
  async run({ args }, tools) {
    if (args.length === 0) return { data: { version: tools.version }, text: `tmachine version ${tools.version}\n` };
    const name = await oneMachine(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    const { requireUrl } = await import('../../machine/engine-url.ts');
    const { engineVersion } = await import('../../machine/engine.ts');
    await using machine = await openMachine(name, tools);
    const version = await engineVersion(machine, await requireUrl(machine), tools);
    return { data: { name, version }, text: `${version}\n` };
  },
});
