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
    if (!tools.env['DOCKER_HOST']) throw noneActive();
    const { listMachines } = await import('../../machine/list.ts');
    const options = { deadlineMs: flags.timeout * 1000, withVersion: false };
    const rows = await listMachines(await tools.store.loadAll(), tools, options);
    const active = rows.find((row) => row.active);
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
