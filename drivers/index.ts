import type { DriverDefinition } from 'tmachine/driver';
import { genericDriver } from './generic/index.ts';
import { noneDriver } from './none/index.ts';
import { qemuDriver } from './qemu/index.ts';
import { virtualBoxDriver } from './virtualbox/index.ts';

/** The drivers that come with tmachine, in the order in which they are looked for. */
export const builtInDrivers: readonly DriverDefinition[] = [virtualBoxDriver, qemuDriver, genericDriver, noneDriver];
