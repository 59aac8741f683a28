import type { CliConnection } from '../../machine/docker-cli.ts';
import type { Machine } from '../../machine/machine.ts';
import { type Command, defineCommand, type Tools } from '../command.ts';

const standardName = 'myhost';

export const command: Command = defineCommand({
  name: 'quickstart',
  summary: 'Go from nothing to a first container',
  description: 'Installs a hypervisor where there is none, makes a machine, and runs a container in it.',
  arguments: [{ name: 'name', optional: true }],
  flags: {},
  async run({ args }, tools) {
    const name = args[0] ?? standardName;
    await haveHypervisor(tools);
    await haveRunning(name, tools);
    const { openMachine } = await import('../../machine/machine.ts');
    const { connectCli } = await import('../../machine/docker-cli.ts');
    await using machine = await openMachine(name, tools);
    const describe = (apiVersion: string): string => `DOCKER_API_VERSION=${apiVersion} is set for that`;
    const connection = await connectCli(machine, { prefix: 'Error checking TLS connection', describe }, tools);
    await showFirstContainer(machine, connection, tools);
    await sayWhatNext(name, tools);
    return undefined;
  },
});

async function haveHypervisor(tools: Tools): Promise<void> {
  const { detectDriver } = await import('../../machine/detect-driver.ts');
  if ((await detectDriver(tools)).found) return;
  const { installHypervisor } = await import('../../machine/install-hypervisor.ts');
  await installHypervisor(tools, tools.say);
}

async function haveRunning(name: string, tools: Tools): Promise<void> {
  if (!(await tools.store.names()).includes(name)) {
    const { command: create } = await import('./create.ts');
    const { runNested } = await import('../nested.ts');
    await runNested(create, [name], tools);
    return;
  }
  const { openMachine } = await import('../../machine/machine.ts');
  const state = await readState();
  if (state === 'Running') return tools.say(`Using "${name}", which runs already.`);
  tools.say(`Using "${name}", which is ${state.toLowerCase()}.`);
  const { startMachine } = await import('../../machine/power.ts');
  await startMachine(name, tools);

  async function readState() {
    await using machine = await openMachine(name, tools);
    return await machine.driver.state();
  }
}

/** Through the Docker CLI, as the user would; where there is none, through the engine's API. */
async function showFirstContainer(machine: Machine, connection: CliConnection, tools: Tools): Promise<void> {
  const { url } = connection;
  const { helloImage, importHelloImage, runHelloContainer } = await import('../../machine/first-container.ts');
  const { engineVersion } = await import('../../machine/engine.ts');
  const { findProgram } = await import('../../host/find-program.ts');
  const docker = await findProgram('docker', tools);
  if (docker === undefined) {
    tools.say('There is no Docker CLI on this computer, so the engine is asked directly.');
    tools.print(`Server: Docker Engine ${await engineVersion(machine, url, tools)}\n`);
    await importHelloImage(machine, url, tools);
    tools.print(await runHelloContainer(machine, url, tools));
    return;
  }
  const { planVariables } = await import('../../env/variables.ts');
  const { runAttached } = await import('../../host/run-attached.ts');
  const { platform, env, signal } = tools;
  const certPath = machine.files.directory;
  const variables = planVariables({ machine: machine.name, ...connection, certPath, platform, shell: 'posix', env });
  const pointed = { ...env, ...Object.fromEntries(variables.map(({ name, value }) => [name, value ?? ''])) };
  const call = async (...words: readonly string[]): Promise<void> => {
    tools.say(`$ docker ${words.join(' ')}`);
    const status = await runAttached({ program: docker, args: words }, { env: pointed, signal });
    if (status !== 0) throw await dockerFailed(words, status);
  };
  await call('version');
  await importHelloImage(machine, url, tools);
  await call('run', '--rm', helloImage);
}

async function dockerFailed(words: readonly string[], status: number): Promise<Error> {
  const { TmachineError } = await import('../../errors/tmachine-error.ts');
  return new TmachineError(`"docker ${words.join(' ')}" ended with status ${status}`, { code: 'DOCKER_CLI_FAILED' });
}

async function sayWhatNext(name: string, { env, platform, say, commandLine }: Tools): Promise<void> {
  const { detectShell } = await import('../../env/detect.ts');
  const { formatCall, formatEvaluation } = await import('../../env/format.ts');
  const shell = detectShell({ platform, env, parents: [] });
  const [evaluate, login, remove] = await Promise.all(
    ['env', 'ssh', 'rm'].map(async (command) => await commandLine([command, name])),
  );
  say('');
  say(`"${name}" is ready. Point your shell at it, then use docker as ever:`);
  say(`  ${formatEvaluation(shell, evaluate ?? [])}`);
  say(`Log in with: ${formatCall(shell, login ?? [])}    Remove it with: ${formatCall(shell, remove ?? [])}`);
}
