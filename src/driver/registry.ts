import { TmachineError } from '../errors/tmachine-error.ts';
import type { DriverDefinition } from './contract.ts';

/**
 * The driver of this name.
 *
 * @throws TmachineError `DRIVER_NOT_FOUND`.
 */
export function findDriver(name: string, drivers: readonly DriverDefinition[]): DriverDefinition {
  const found = drivers.find((driver) => driver.name === name);
  if (found !== undefined) return found;
  throw new TmachineError(
    `Driver "${name}" not found. Do you have the plugin binary "docker-machine-driver-${name}" accessible in your PATH?`,
    { code: 'DRIVER_NOT_FOUND', hint: `built in are: ${drivers.map((driver) => driver.name).join(', ')}` },
  );
}
