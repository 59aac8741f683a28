import { namedShells } from '../../env/named-shells.ts';
import type { Shell } from '../../env/shells.ts';
import type { Assignment } from '../../env/variables.ts';
import { TmachineError } from '../../errors/tmachine-error.ts';
import type { CliConnection } from '../../machine/docker-cli.ts';
import { type Answer, type Command, defineCommand, outputFlag, type Tools } from '../command.ts';
import { oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'env',
  summary: 'Print the commands that point the Docker CLI at a machine',
  arguments: [{ name: 'name', optional: true }],
  flags: {
    shell: {
      type: 'string',
      default: '',
      kind: 'shell',
      summary: `Write for this shell instead of the one that asks: ${namedShells.join(', ')}`,
    },
    unset: { type: 'boolean', short: 'u', summary: 'Unset the variables instead' },
    'no-proxy': { type: 'boolean', summary: 'Keep the address of the machine from the proxy' },
    swarm: { type: 'boolean', summary: 'Accepted; classic Swarm is gone' },
    ...outputFlag,
  },
  async run({ args, flags }, tools) {
    const { env, platform } = tools;
    const noProxyIn = flags['no-proxy'] ? env : undefined;
    if (flags.unset) {
      if (args.length > 0)
        throw new TmachineError('Error: Expected no machine name when the -u flag is present', { code: 'ARGUMENTS' });
      const { planUnset } = await import('../../env/variables.ts');
      return await answer(planUnset({ platform, noProxyIn, env }), await chooseShell(flags.shell, tools), tools);
    }
    const machine = await oneMachine(args, tools.store);
    // Which shell asks is found out while the engine thinks.
    const [connection, shell] = await Promise.all([connect(machine, tools), chooseShell(flags.shell, tools)]);
    const { planVariables } = await import('../../env/variables.ts');
    const variables = planVariables({ machine, ...connection, platform, shell, noProxyIn, env });
    return await answer(variables, shell, tools);
  },
});

async function answer(variables: readonly Assignment[], shell: Shell, tools: Tools): Promise<Answer> {
  const { formatAssignments } = await import('../../env/format.ts');
  const commandLine = await tools.commandLine();
  const text = formatAssignments(variables, { shell, commandLine, userProfile: tools.env['USERPROFILE'] });
  if (shell === 'cmd' && /[^\t\n\x20-\x7e]/.test(text))
    tools.emit({
      type: 'notice',
      level: 'warning',
      text: 'cmd misreads the characters beyond ASCII in these lines, unless you type "chcp 65001" before',
    });
  // `null` stands for a variable to take away.
  return { data: Object.fromEntries(variables.map(({ name, value }) => [name, value ?? null])), text };
}

async function connect(name: string, tools: Tools): Promise<CliConnection & { readonly certPath: string }> {
  const [{ openMachine }, { askCli, connectCli }] = await Promise.all([
    import('../../machine/machine.ts'),
    import('../../machine/docker-cli.ts'),
  ]);
  const asked = askCli(tools);
  await using machine = await openMachine(name, tools);
  const describe = (apiVersion: string): string => `DOCKER_API_VERSION=${apiVersion} is set for that`;
  const connection = await connectCli(machine, { prefix: 'Error checking TLS connection', describe, asked }, tools);
  return { ...connection, certPath: machine.files.directory };
}

async function chooseShell(named: string, { env, platform }: Tools): Promise<Shell> {
  if (named !== '') {
    const { parseShellName } = await import('../../env/shells.ts');
    return parseShellName(named);
  }
  const [{ detectShell }, { parentProcessNames }] = await Promise.all([
    import('../../env/detect.ts'),
    import('../../host/parent-processes.ts'),
  ]);
  return detectShell({ platform, env, parents: parentProcessNames(process.pid, platform) });
}
