import type { DriverDefinition } from '../../driver/contract.ts';
import { type Command, type CommandFlags, defineCommand, type Tools } from '../command.ts';
import { createFlags, impliedDriver, likelyDrivers, namedDriver } from '../create-flags.ts';
import { newMachine } from '../machine-argument.ts';

const flags = {
  context: { type: 'boolean', summary: "Make the machine the Docker CLI's current context, as the command use does" },
  driver: {
    type: 'string',
    short: 'd',
    env: 'MACHINE_DRIVER',
    kind: 'driver',
    summary: 'How the machine is made; the best one this computer has where not given',
  },
  'engine-env': { type: 'list', summary: 'Environment variable of the engine, as NAME=VALUE' },
  'engine-insecure-registry': { type: 'list', summary: 'Registry the engine may use without TLS' },
  'engine-install-url': {
    type: 'string',
    env: 'MACHINE_DOCKER_INSTALL_URL',
    default: 'https://get.docker.com',
    summary: 'Script that installs the engine on hosts without one',
  },
  'engine-label': { type: 'list', summary: 'Label of the engine, as NAME=VALUE' },
  'engine-opt': { type: 'list', summary: 'Any flag of dockerd, as FLAG=VALUE' },
  'engine-registry-mirror': { type: 'list', env: 'ENGINE_REGISTRY_MIRROR', summary: 'Mirror of Docker Hub to use' },
  'engine-storage-driver': { type: 'string', default: '', summary: 'Storage driver of the engine' },
  'keep-on-failure': { type: 'boolean', summary: 'Leave a machine that failed as it is, for a look at it' },
  swarm: { type: 'boolean', summary: 'Record classic Swarm options; no Swarm is started' },
  'swarm-addr': { type: 'string', default: '', summary: 'Recorded only' },
  'swarm-discovery': { type: 'string', default: '', summary: 'Recorded only' },
  'swarm-experimental': { type: 'boolean', summary: 'Recorded only' },
  'swarm-host': { type: 'string', default: 'tcp://0.0.0.0:3376', summary: 'Recorded only' },
  'swarm-image': {
    type: 'string',
    env: 'MACHINE_SWARM_IMAGE',
    default: 'swarm:latest',
    summary: 'Recorded only',
  },
  'swarm-join-opt': { type: 'list', summary: 'Recorded only' },
  'swarm-master': { type: 'boolean', summary: 'Recorded only' },
  'swarm-opt': { type: 'list', summary: 'Recorded only' },
  'swarm-strategy': { type: 'string', default: 'spread', summary: 'Recorded only' },
  'tls-san': { type: 'list', summary: 'Further name or address the server certificate is valid for' },
} as const satisfies CommandFlags;

export const command: Command = defineCommand({
  name: 'create',
  summary: 'Make a machine',
  description: 'Ends with a running Docker Engine behind mutual TLS, or, on failure, with nothing left behind.',
  arguments: [{ name: 'name', kind: 'new-machine' }],
  flags,
  async moreFlags(words, tools) {
    return createFlags(await askFlags(await wantedDriver(words, tools), tools), flags);
  },
  async flagGroups(words, { env, drivers }) {
    return likelyDrivers(words, env, await drivers()).map((driver) => ({
      title: `Options of the driver ${driver.name}`,
      flags: createFlags(driver, flags),
    }));
  },
  async run({ args, flags: chosen, more }, tools) {
    const name = newMachine(args);
    const { requireExpressible } = await import('../../env/shells.ts');
    requireExpressible('DOCKER_CERT_PATH', tools.store.layout.machines);
    const { createMachine } = await import('../../machine/create.ts');
    const driver = await chooseDriver(chosen.driver, Object.keys(more), tools);
    if (chosen.swarm)
      tools.emit({
        type: 'notice',
        level: 'warning',
        text: 'Classic Swarm is long gone: its options are recorded, and no Swarm is started. See: docker swarm init',
      });
    const request = {
      name,
      driverName: driver.name,
      driverFlags: more,
      engine: {
        ArbitraryFlags: chosen['engine-opt'],
        Env: chosen['engine-env'],
        InsecureRegistry: chosen['engine-insecure-registry'],
        InstallURL: chosen['engine-install-url'],
        Labels: chosen['engine-label'],
        RegistryMirror: chosen['engine-registry-mirror'],
        StorageDriver: chosen['engine-storage-driver'],
      },
      swarm: {
        IsSwarm: chosen.swarm,
        Address: chosen['swarm-addr'],
        Discovery: chosen['swarm-discovery'],
        IsExperimental: chosen['swarm-experimental'],
        Host: chosen['swarm-host'],
        Image: chosen['swarm-image'],
        ArbitraryJoinFlags: chosen['swarm-join-opt'],
        Master: chosen['swarm-master'],
        ArbitraryFlags: chosen['swarm-opt'],
        Strategy: chosen['swarm-strategy'],
      },
      extraNames: chosen['tls-san'],
      keepOnFailure: chosen['keep-on-failure'],
    };
    if (chosen.context) await requireContext(name, tools);
    await createMachine(request, tools);
    await introduce(name, chosen.context, tools);
    tools.say(
      'To see how to connect your Docker Client to the Docker Engine running on this virtual machine, ' +
        `run: tmachine env ${name}`,
    );
    return undefined;
  },
});

/** That there can be no such context is better known before than after. */
async function requireContext(name: string, tools: Tools): Promise<void> {
  const [{ checkName }, { requireContextName }] = await Promise.all([
    import('../../machine/name.ts'),
    import('../../machine/docker-context.ts'),
  ]);
  checkName(name);
  await requireContextName(name, tools);
}

/** Sees to it that the Docker CLI can speak with the new machine, or that the user knows why not. */
async function introduce(name: string, toUse: boolean, tools: Tools): Promise<void> {
  if (!toUse) return await (await import('../../machine/docker-cli.ts')).warnOfMisfit(name, tools);
  const [{ command: use }, { runNested }] = await Promise.all([import('./use.ts'), import('../nested.ts')]);
  await runNested(use, [name], tools);
}

/** The driver whose flags `create` takes; choosing it must not look at this computer twice, so nothing is said here. */
async function wantedDriver(words: readonly string[], tools: Tools): Promise<DriverDefinition> {
  const named = namedDriver(words, tools.env);
  if (named !== undefined) {
    const { findDriver } = await import('../../driver/registry.ts');
    return await findDriver(named, tools);
  }
  const implied = impliedDriver(words, await tools.drivers());
  if (implied !== undefined) return implied;
  const { detectDriver } = await import('../../machine/detect-driver.ts');
  return (await detectDriver(tools)).driver;
}

async function askFlags(driver: DriverDefinition, tools: Tools): Promise<DriverDefinition> {
  if (driver.askFlags === undefined) return driver;
  const { createComputer } = await import('../../machine/driver-host.ts');
  return { ...driver, flags: await driver.askFlags(createComputer(tools)) };
}

async function chooseDriver(
  named: string | undefined,
  flagNames: readonly string[],
  tools: Tools,
): Promise<DriverDefinition> {
  const { findDriver } = await import('../../driver/registry.ts');
  if (named) return await findDriver(named, tools);
  const drivers = await tools.drivers();
  const { detectDriver } = await import('../../machine/detect-driver.ts');
  const detected = await detectDriver(tools);
  const owner = drivers.find((driver) => flagNames.some((flag) => Object.hasOwn(driver.flags, flag)));
  const driver = owner ?? detected.driver;
  const reason = driver === detected.driver ? detected.reason : 'its flags were given';
  tools.emit({ type: 'notice', level: 'info', text: `Using the ${driver.name} driver: ${reason}` });
  return driver;
}
