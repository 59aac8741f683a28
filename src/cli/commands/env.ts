import type { Shell } from '../../env/shells.ts';
import { TmachineError } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand, type Tools } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'env',
  summary: 'Print the commands that point the Docker CLI at a machine',
  arguments: [{ name: 'name', optional: true }],
  flags: {
    shell: {
      type: 'string',
      default: '',
      summary: 'Write for this shell instead of the one that asks: bash, zsh, sh, fish, powershell, cmd, tcsh, emacs',
    },
    unset: { type: 'boolean', short: 'u', summary: 'Unset the variables instead' },
    'no-proxy': { type: 'boolean', summary: 'Keep the address of the machine from the proxy' },
    swarm: { type: 'boolean', summary: 'Accepted; classic Swarm is gone' },
  },
  async run({ args, flags }, tools) {
    const [{ formatAssignments }, { planUnset, planVariables }] = await Promise.all([
      import('../../env/format.ts'),
      import('../../env/variables.ts'),
    ]);
    const shell = await chooseShell(flags.shell, tools);
    const { env, platform, commandLine } = tools;
    const noProxyIn = flags['no-proxy'] ? env : undefined;
    if (flags.unset) {
      if (args.length > 0)
        throw new TmachineError('Error: Expected no machine name when the -u flag is present', { code: 'ARGUMENTS' });
      tools.print(formatAssignments(planUnset({ platform, noProxyIn }), { shell, commandLine }));
      return undefined;
    }
    const name = await oneMachine(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    const { checkConnection } = await import('../../machine/connection.ts');
    await using machine = await openMachine(name, tools);
    const url = await checkConnection(machine, 'Error checking TLS connection', tools);
    const certPath = machine.files.directory;
    const variables = planVariables({ machine: name, url, certPath, platform, shell, noProxyIn });
    tools.print(formatAssignments(variables, { shell, commandLine }));
    return undefined;
  },
});

async function chooseShell(named: string, { env, platform }: Tools): Promise<Shell> {
  if (named !== '') {
    const { parseShellName } = await import('../../env/shells.ts');
    return parseShellName(named);
  }
  const [{ detectShell }, { parentProcessNames }] = await Promise.all([
    import('../../env/detect.ts'),
    import('../../host/parent-processes.ts'),
  ]);
  return detectShell({ platform, env, parents: await parentProcessNames(process.pid, platform) });
}
