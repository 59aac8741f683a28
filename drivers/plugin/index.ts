import type { Computer, ComputerFacts, DriverDefinition } from 'tmachine/driver';
import { openPluginDriver } from './driver.ts';
import { planFlags, planPending } from './flags.ts';
import { startPlugin } from './start.ts';

/** The driver that a program `docker-machine-driver-NAME` on PATH is; nothing where there is none. */
export async function findPlugin(name: string, computer: ComputerFacts): Promise<DriverDefinition | undefined> {
  // A name with a slash would be a path.
  if (!/^\w[\w.-]*$/.test(name)) return undefined;
  const path = await computer.findProgram(`docker-machine-driver-${name}`);
  if (path === undefined) return undefined;
  const plugin = { name, path };
  return {
    name,
    summary: `docker-machine's plugin ${path}`,
    flags: {},
    askFlags: async (host: Computer) => {
      await using started = await startPlugin(plugin, host);
      return planFlags(await started.client.createFlags());
    },
    configure: planPending,
    open: async (record, host) => openPluginDriver(record, { host, plugin }),
  };
}
