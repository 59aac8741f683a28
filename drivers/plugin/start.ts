import { type Computer, type HelperProcess, TmachineError } from 'tmachine/driver';
import { PluginClient } from './client.ts';
import { type PluginEndpoint, PluginWords } from './words.ts';

/** A plugin of docker-machine. */
export interface Plugin {
  /** Of the driver. */
  readonly name: string;
  /** Of its program, absolute. */
  readonly path: string;
}

/** A plugin's process and the connection to it; disposing of it ends both. */
export interface StartedPlugin extends AsyncDisposable {
  readonly client: PluginClient;
  /** The error for a connection that broke: how the process ended, and what it said last. */
  explain(doing: string, cause: unknown): Promise<TmachineError>;
}

/** The only version of the interface there is. */
const apiVersion = 1;
/** A plugin ends by itself when it hears nothing for 10 s, one made with docker-machine 0.5 after half a second. */
const heartbeatMs = 200;

/**
 * Starts a plugin as docker-machine does: its first line is where it listens, and it gets signs of life.
 *
 * @throws TmachineError `PLUGIN_FAILED` when it says no address in time, `PLUGIN_INCOMPATIBLE`.
 */
export async function startPlugin(plugin: Plugin, computer: Computer): Promise<StartedPlugin> {
  const words = new PluginWords(plugin, computer.emit);
  const env = { MACHINE_PLUGIN_TOKEN: '42', MACHINE_PLUGIN_DRIVER_NAME: plugin.name };
  const helper = await computer.processes.startHelper({ program: plugin.path, args: [], env }, words.take);
  try {
    const endpoint = await words.endpoint(helper.ended, computer.signal);
    const client = await connect(plugin, computer, endpoint);
    return live({ helper, words, client });
  } catch (error) {
    await helper[Symbol.asyncDispose]();
    throw error;
  }
}

async function connect(plugin: Plugin, computer: Computer, endpoint: PluginEndpoint): Promise<PluginClient> {
  const client = await PluginClient.connect(computer.network, endpoint, computer.signal);
  const version = await client.version();
  if (version === apiVersion) return client;
  await client[Symbol.asyncDispose]();
  throw new TmachineError(`Driver binary uses an incompatible API version (${version})`, {
    code: 'PLUGIN_INCOMPATIBLE',
    hint: `tmachine speaks version ${apiVersion}: install another release of ${plugin.path}`,
  });
}

interface Parts {
  readonly helper: HelperProcess;
  readonly words: PluginWords;
  readonly client: PluginClient;
}

function live({ helper, words, client }: Parts): StartedPlugin {
  // A broken connection shows in the call that waits for an answer.
  const beat = setInterval(() => void client.heartbeat().catch(() => undefined), heartbeatMs);
  beat.unref();
  return {
    client,
    explain: async (doing, cause) => await words.explain(doing, cause, helper.ended),
    [Symbol.asyncDispose]: async () => {
      clearInterval(beat);
      await client[Symbol.asyncDispose]();
      await helper[Symbol.asyncDispose]();
    },
  };
}
