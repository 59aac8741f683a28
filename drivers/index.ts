import type { ComputerFacts, DriverDefinition } from 'tmachine/driver';
import { genericDriver } from './generic/index.ts';
import { noneDriver } from './none/index.ts';
import { qemuDriver } from './qemu/index.ts';
import { virtualBoxDriver } from './virtualbox/index.ts';

/** The drivers that come with tmachine, in the order in which they are looked for. */
export const builtInDrivers: readonly DriverDefinition[] = [virtualBoxDriver, qemuDriver, genericDriver, noneDriver];

/** The driver that a plugin of docker-machine on PATH is. Most machines need none, so it is loaded when it is asked for. */
export async function findPlugin(name: string, computer: ComputerFacts): Promise<DriverDefinition | undefined> {
  return await (await import('./plugin/index.ts')).findPlugin(name, computer);
}
