import type { DriverDefinition } from 'tmachine/driver';
import { noneDriver } from './none/index.ts';
import { qemuDriver } from './qemu/index.ts';
import { virtualBoxDriver } from './virtualbox/index.ts';

/** The drivers that come with tmachine, in the order in which they are looked for. */
export const builtInDrivers: readonly DriverDefinition[] = [virtualBoxDriver, qemuDriver, noneDriver];
