import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PluginClient } from '../../drivers/plugin/client.ts';
import type { Host } from '../../src/driver/host.ts';
import { connectLocal } from '../../src/host/connect.ts';
import { buildPlugin } from './build-plugin.ts';

/** A fake plugin that runs, for tests that need no launcher. */
export interface PluginProcess extends AsyncDisposable {
  /** Where it says to listen; empty when it said nothing. */
  readonly address: string;
  /** Resolves to the exit status once it has ended. */
  readonly ended: Promise<number | null>;
  connect(signal?: AbortSignal): Promise<PluginClient>;
}

const token = { MACHINE_PLUGIN_TOKEN: '42', MACHINE_PLUGIN_DRIVER_NAME: 'fake' };
/** The part of a driver's host that a client needs. */
export const network: Pick<Host['network'], 'connect'> = {
  connect: (endpoint) => connectLocal(endpoint, process.platform),
};

/** Starts the fake plugin with these settings, see its README.md; kills it when disposed of. */
export async function startPlugin(settings: Readonly<Record<string, string>> = {}): Promise<PluginProcess> {
  const program = join(await buildPlugin(), 'docker-machine-driver-fake');
  const env = { ...process.env, ...token, ...settings };
  const child = spawn(program, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.resume();
  const ended = once(child, 'exit').then(([code]): number | null => code);
  const lines = createInterface(child.stdout);
  const [address = ''] = await Promise.race([once(lines, 'line'), ended.then(() => [])]);
  return {
    ...{ address, ended },
    connect: async (signal = new AbortController().signal) => {
      const port = Number(address.replace(/^.*:/, ''));
      return await PluginClient.connect(network, { address: '127.0.0.1', port }, signal);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
