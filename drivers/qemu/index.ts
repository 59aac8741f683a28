import { type DriverDefinition, defineDriver } from 'tmachine/driver';
import { configureQemu } from './data.ts';
import { openQemu } from './driver.ts';
import { qemuFlags } from './flags.ts';
import { detectQemu } from './program.ts';

/** Machines under QEMU on this computer, reached at loopback addresses only. */
export const qemuDriver: DriverDefinition = defineDriver({
  name: 'qemu',
  summary: 'A virtual machine under QEMU, on this computer',
  flags: qemuFlags,
  detect: detectQemu,
  configure: configureQemu,
  open: async (record, host) => openQemu(record, host),
});
