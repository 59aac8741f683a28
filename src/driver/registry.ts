import { TmachineError } from '../errors/tmachine-error.ts';
import type { DriverDefinition } from './contract.ts';

/** Where drivers come from. */
export interface DriverSources {
  /** Loads the built-in drivers. */
  drivers(): Promise<readonly DriverDefinition[]>;
  /** The driver of this name that another program is, such as a plugin of docker-machine; nothing where there is none. */
  findPlugin(name: string): Promise<DriverDefinition | undefined>;
}

/**
 * The driver of this name; a built-in one comes first.
 *
 * @throws TmachineError `DRIVER_NOT_FOUND`.
 */
export async function findDriver(name: string, sources: DriverSources): Promise<DriverDefinition> {
  const drivers = await sources.drivers();
  const found = drivers.find((driver) => driver.name === name) ?? (await sources.findPlugin(name));
  if (found !== undefined) return found;
  throw new TmachineError(
    `Driver "${name}" not found. Do you have the plugin binary "docker-machine-driver-${name}" accessible in your PATH?`,
    { code: 'DRIVER_NOT_FOUND', hint: `built in are: ${drivers.map((driver) => driver.name).join(', ')}` },
  );
}
