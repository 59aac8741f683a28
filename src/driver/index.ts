export { exitCodes } from '../errors/exit-codes.ts';
export { TmachineError } from '../errors/tmachine-error.ts';
export type { EventBody } from '../events/event.ts';
export type { CommandSpec } from '../host/command-line.ts';
export type { ProcessIdentity } from '../host/process-identity.ts';
export {
  type Driver,
  type DriverDefinition,
  type DriverRecord,
  defineDriver,
  type JsonObject,
  type MachinePlace,
  type MachineState,
  type MakeSeed,
} from './contract.ts';
export type { FlagSpec, FlagSpecs, FlagValues } from './flags.ts';
export type { BootImage, Host } from './host.ts';
