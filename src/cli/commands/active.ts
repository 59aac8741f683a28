import { TmachineError } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand, outputFlag } from '../command.ts';
import { noArguments } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'active',
  summary: 'Say which machine the Docker CLI talks to',
  arguments: [],
  flags: {
    timeout: { type: 'integer', short: 't', default: 10, min: 1, summary: 'Seconds to wait for the machines' },
    ...outputFlag,
  },
  async run({ args, flags }, tools) {
    noArguments(args);
    const { findActive } = await import('../../machine/active.ts');
    const target = await findActive(tools);
    if (target === undefined) throw noneActive();
    const { listMachines } = await import('../../machine/list.ts');
    const { startDeadline } = await import('../../machine/deadline.ts');
    const { readStored } = await import('../../machine/read-stored.ts');
    using deadline = startDeadline(flags.timeout * 1000, tools.signal, performance.now());
    const stored = await readStored(tools.store, deadline);
    const asked = 'machine' in target ? stored.filter(({ name }) => name === target.machine) : stored;
    const rows = await listMachines(asked, tools, { deadline, withVersion: false });
    const active = rows.find((row) => row.active || row.activeSwarm);
    if (active !== undefined) return { data: { name: active.name }, text: `${active.name}\n` };
    if (rows.some((row) => row.state === 'Timeout'))
      throw new TmachineError('Error getting active host: timeout', {
        code: 'TIMED_OUT',
        hint: 'give the machines more seconds with --timeout',
      });
    throw noneActive();
  },
});

function noneActive(): TmachineError {
  return new TmachineError('No active host found', {
    code: 'NONE_ACTIVE',
    hint: 'point this shell at a machine: eval "$(tmachine env NAME)"',
  });
}
