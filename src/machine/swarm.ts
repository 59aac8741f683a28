import type { StoredMachine } from '../store/machine-store.ts';

/** Names of the classic Swarm masters of a store, by the discovery address that their members share. */
export function swarmMasters(machines: readonly StoredMachine[]): ReadonlyMap<string, string> {
  const masters = new Map<string, string>();
  for (const { name, record } of machines)
    if (record?.options.SwarmOptions.Master === true) masters.set(record.options.SwarmOptions.Discovery, name);
  return masters;
}

/** The SWARM column of `ls`: the master's name, and whether this machine is that master. */
export function formatSwarm(machine: StoredMachine, masters: ReadonlyMap<string, string>): string {
  const options = machine.record?.options.SwarmOptions;
  if (options === undefined || options.Discovery === '') return '';
  const master = masters.get(options.Discovery) ?? '';
  return options.Master ? `${master} (master)` : master;
}

/** Where a classic Swarm listens: the engine's URL with the port of `--swarm-host`. */
export function swarmUrl(url: string, swarmHost: string): string {
  const port = (text: string): string => text.slice(text.lastIndexOf(':') + 1);
  return url.replace(`:${port(url)}`, () => `:${port(swarmHost)}`);
}
