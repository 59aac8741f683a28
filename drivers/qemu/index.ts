import { type DriverDefinition, defineDriver } from 'tmachine/driver';
import { configureQemu } from './data.ts';
import { qemuFlags } from './flags.ts';

/** Machines under QEMU on this computer, reached at loopback addresses only. */
export const qemuDriver: DriverDefinition = defineDriver({
  name: 'qemu',
  summary: 'A virtual machine under QEMU, on this computer',
  flags: qemuFlags,
  // Every command loads the definitions of all drivers, so the rest of each waits until it is needed.
  detect: async (computer) => await (await import('./program.ts')).detectQemu(computer),
  configure: configureQemu,
  open: async (record, host) => (await import('./driver.ts')).openQemu(record, host),
});
