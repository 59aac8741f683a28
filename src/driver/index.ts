export { exitCodes } from '../errors/exit-codes.ts';
export { isSystemError, messageOf, TmachineError } from '../errors/tmachine-error.ts';
export { type EventBody, step } from '../events/event.ts';
export type { CommandSpec } from '../host/command-line.ts';
export type { LocalEndpoint } from '../host/connect.ts';
export type { InterfaceAddress } from '../host/interface-addresses.ts';
export type { ProcessIdentity } from '../host/process-identity.ts';
export type { HelperProcess, TakeLine } from '../host/start-helper.ts';
export {
  type BaseData,
  type ComputerFacts,
  type Driver,
  type DriverDefinition,
  type DriverRecord,
  defineDriver,
  type GuestAccess,
  type GuestCard,
  type GuestConsole,
  type GuestWishes,
  type JsonObject,
  type MachinePlace,
  type MachineState,
  type MakeSeed,
  type PowerControls,
  type StoredGuest,
} from './contract.ts';
export type { FlagSpec, FlagSpecs, FlagValues } from './flags.ts';
export { formatConsole } from './format-console.ts';
export type { BootImage, Computer, Host, RemoteResult, SshTarget } from './host.ts';
