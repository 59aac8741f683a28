import type { FlagSpec, FlagSpecs, FlagValues, JsonObject, MachinePlace } from 'tmachine/driver';
import type { PluginFlagValues } from './flag-values.ts';
import type { PluginFlag } from './plugin-flag.ts';

/** What the store keeps until a plugin has made its own data of it: docker-machine's first two keys, and the flags. */
export type PendingData = JsonObject & {
  readonly MachineName: string;
  readonly StorePath: string;
  readonly [pendingFlags]?: PluginFlagValues;
};

export const pendingFlags = 'CreateFlags';

/** What docker-machine tells every driver besides its own flags. */
const swarmValues: PluginFlagValues = {
  'swarm-discovery': '',
  'swarm-host': 'tcp://0.0.0.0:3376',
  'swarm-master': false,
};

/** The flags of a plugin as those of `create`. */
export function planFlags(flags: readonly PluginFlag[]): FlagSpecs {
  return Object.fromEntries(flags.map((flag) => [flag.name, planFlag(flag)]));
}

function planFlag({ kind, usage, envVar, value }: PluginFlag): FlagSpec {
  const summary = usage === '' ? 'An option of the plugin' : usage;
  const common = { summary, ...(envVar === '' ? {} : { env: envVar }) };
  if (kind === 'bool') return { type: 'boolean', ...common };
  if (kind === 'int') return { type: 'integer', ...common, default: Number(value) };
  if (kind === 'list') return { type: 'list', ...common, default: Array.isArray(value) ? value : [] };
  return { type: 'string', ...common, default: String(value) };
}

/** Flag values to what is stored before the plugin has seen them. */
export function planPending(values: FlagValues<FlagSpecs>, { name, storePath }: MachinePlace): PendingData {
  const given = Object.entries(values).filter(
    (entry): entry is [string, PluginFlagValues[string]] => entry[1] !== undefined,
  );
  return {
    MachineName: name,
    StorePath: storePath,
    [pendingFlags]: { ...swarmValues, ...Object.fromEntries(given) },
  };
}
