import { TmachineError } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand, type Tools } from '../command.ts';
import { namedMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'rm',
  summary: 'Delete machines',
  arguments: [{ name: 'name', repeatable: true }],
  flags: {
    force: { type: 'boolean', short: 'f', summary: 'Do not ask, and forget a machine even when it cannot be removed' },
    y: { type: 'boolean', short: 'y', summary: 'Answer yes' },
  },
  async run({ args, flags }, tools) {
    const names = namedMachines(args);
    if (!flags.force && !flags.y && !(await agreed(names, tools))) return 1;
    const { forEachMachine, throwFailures } = await import('../../machine/each.ts');
    const { removeMachine } = await import('../../machine/remove.ts');
    const outcomes = await forEachMachine(names, async (name) => {
      await removeMachine(name, flags.force, tools);
      tools.say(`Successfully removed ${name}`);
    });
    throwFailures(flags.force ? outcomes.filter((outcome) => !isMissing(outcome.error)) : outcomes);
    return undefined;
  },
});

async function agreed(names: readonly string[], tools: Tools): Promise<boolean> {
  tools.say(`About to remove ${names.join(', ')}`);
  tools.say('WARNING: This action will delete both local reference and remote instance.');
  return await tools.confirm('Are you sure? (y/n): ');
}

/** Forcing means "see that it is gone"; a name that never was is only worth an error without it. */
function isMissing(error: unknown): boolean {
  return error instanceof TmachineError && error.code === 'MACHINE_NOT_FOUND';
}
