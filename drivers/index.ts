import type { DriverDefinition } from 'tmachine/driver';
import { qemuDriver } from './qemu/index.ts';

/** The drivers that come with tmachine. */
export const builtInDrivers: readonly DriverDefinition[] = [qemuDriver];
