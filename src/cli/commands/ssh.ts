import { type Command, defineCommand } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'ssh',
  summary: 'Open a shell or run a command in a machine',
  description: 'What follows the name is for the machine: its shell reads the words joined by spaces.',
  arguments: [
    { name: 'name', optional: true },
    { name: 'command', optional: true, repeatable: true },
  ],
  flags: {},
  passThrough: true,
  async run({ args }, tools) {
    const name = await oneMachine(args.slice(0, 1), tools.store);
    const { runInGuest } = await import('../../machine/ssh.ts');
    return await runInGuest(name, args.slice(1), tools);
  },
});
