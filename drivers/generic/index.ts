import { type DriverDefinition, defineDriver } from 'tmachine/driver';
import { configureGeneric } from './data.ts';
import { genericFlags } from './flags.ts';

/** Hosts that exist already, with an SSH server: the engine is set up there, and they stay when the machine is removed. */
export const genericDriver: DriverDefinition = defineDriver({
  name: 'generic',
  summary: 'A host that exists already and is reached over SSH',
  flags: genericFlags,
  configure: configureGeneric,
  open: async (record, host) => (await import('./driver.ts')).openGeneric(record, host),
});
