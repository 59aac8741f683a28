import { type Command, defineCommand, type Tools } from '../command.ts';
import { noArguments, oneMachine } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'use',
  summary: "Make a machine the Docker CLI's current context",
  description: [
    'The Docker CLI talks to that machine in every shell where DOCKER_HOST and DOCKER_CONTEXT are not set.',
    'use -        takes it back to its default context; so does "use default" where no machine has that name',
  ].join('\n'),
  arguments: [{ name: 'name', optional: true }],
  flags: {
    none: { type: 'boolean', summary: 'Take the Docker CLI back to its default context, as -' },
  },
  async run({ args, flags }, tools) {
    if (flags.none) noArguments(args);
    if (flags.none || (await meansNone(args, tools))) return await leave(tools);
    const name = await oneMachine(args, tools.store);
    const { openMachine } = await import('../../machine/machine.ts');
    const { connectCli } = await import('../../machine/docker-cli.ts');
    const { requireContextName, useContext } = await import('../../machine/docker-context.ts');
    await using machine = await openMachine(name, tools);
    await requireContextName(name, tools);
    const describe = (apiVersion: string): string => `Set DOCKER_API_VERSION=${apiVersion} for that`;
    const { url } = await connectCli(machine, { prefix: 'Error checking TLS connection', describe }, tools);
    const context = await useContext(name, url, tools);
    tools.say(`The Docker CLI talks to "${name}" now, by the context "${context}".`);
    warnOfVariables(tools);
    return undefined;
  },
});

async function meansNone(args: readonly string[], { store }: Tools): Promise<boolean> {
  if (args.length !== 1) return false;
  return args[0] === '-' || (args[0] === 'default' && !(await store.names()).includes('default'));
}

async function leave(tools: Tools): Promise<undefined> {
  const { useNone } = await import('../../machine/docker-context.ts');
  const { was, name } = await useNone(tools);
  if (was === 'ours') tools.say(`The Docker CLI was on the context "${name}", and is back on "default".`);
  else if (was === 'default') tools.say('The Docker CLI is on its default context already.');
  else tools.say(`The Docker CLI stays on the context "${name}", which is no machine's.`);
  warnOfVariables(tools);
  return undefined;
}

/** In this order the Docker CLI looks at them, and at its current context only then. */
function warnOfVariables({ env, emit }: Tools): void {
  const set = ['DOCKER_HOST', 'DOCKER_CONTEXT'].filter((name) => env[name]);
  if (set.length === 0) return;
  const text = `${set.join(' and ')} of this shell come${set.length > 1 ? '' : 's'} before the current context: unset ${set.length > 1 ? 'them' : 'it'}`;
  emit({ type: 'notice', level: 'warning', text });
}
