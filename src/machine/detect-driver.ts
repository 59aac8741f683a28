import type { DriverDefinition } from '../driver/contract.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { MachineContext } from './context.ts';
import { createComputer } from './driver-host.ts';

/** A driver and why it was chosen. */
export interface DetectedDriver {
  readonly driver: DriverDefinition;
  readonly reason: string;
  /** False when its hypervisor is still to be installed. */
  readonly found: boolean;
}

/**
 * The first driver, in the order they are built in, that finds its hypervisor on this computer; where none does, the last
 * one that could, so that its own check says what to install.
 *
 * @throws TmachineError `DRIVER_NOT_FOUND` when no driver makes machines by itself.
 */
export async function detectDriver(context: MachineContext): Promise<DetectedDriver> {
  const computer = createComputer(context);
  const able = (await context.drivers()).filter((driver) => driver.detect !== undefined);
  for (const driver of able) {
    const reason = await driver.detect?.(computer);
    if (reason !== undefined) return { driver, reason, found: true };
  }
  const last = able.at(-1);
  if (last === undefined)
    throw new TmachineError('No driver makes machines on this computer', { code: 'DRIVER_NOT_FOUND' });
  return { driver: last, reason: 'no hypervisor was found, and it is the easiest to install', found: false };
}
