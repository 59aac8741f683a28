import type { Environment } from '../host/environment.ts';
import type { SshTarget } from '../ssh/guest.ts';
import type { FlagSpecs, FlagValues } from './flags.ts';
import type { BootImage, Computer, Host } from './host.ts';

/** What JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** The words docker-machine's `status` and `ls` use. */
export type MachineState =
  | 'Running'
  | 'Paused'
  | 'Saved'
  | 'Stopped'
  | 'Stopping'
  | 'Starting'
  | 'Error'
  /** Whoever should know did not answer in time. */
  | 'Timeout'
  | '';

/** The part of a stored machine that its driver may see. */
export interface DriverRecord<Data extends JsonObject = JsonObject> {
  readonly name: string;
  readonly data: Data;
  /** The same as JSON text, digit by digit as it is stored. */
  dataJson?(): string;
}

/** Where a machine lives, for drivers that keep docker-machine's base keys in their data. */
export interface MachinePlace {
  readonly name: string;
  /** The storage path, as docker-machine's `StorePath`. */
  readonly storePath: string;
  /** The private key that logs in to the guest. */
  readonly sshKeyPath: string;
}

/** The keys that docker-machine keeps for machines of every driver, in its order; what a driver cannot say is empty or 0. */
export type BaseData = {
  readonly IPAddress: string;
  readonly MachineName: string;
  readonly SSHUser: string;
  readonly SSHPort: number;
  readonly SSHKeyPath: string;
  readonly StorePath: string;
  readonly SwarmMaster: boolean;
  readonly SwarmHost: string;
  readonly SwarmDiscovery: string;
};

/** What a driver may know of this computer before there is a machine. */
export interface ComputerFacts {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  findProgram(name: string, alsoIn?: readonly string[]): Promise<string | undefined>;
}

/** What a driver is before there is a machine. */
export interface DriverDefinition<Flags extends FlagSpecs = FlagSpecs, Data extends JsonObject = JsonObject> {
  readonly name: string;
  readonly summary: string;
  readonly flags: Flags;
  /** The flags of a driver that only another program knows; `flags` is empty then. */
  askFlags?(computer: Computer): Promise<FlagSpecs>;
  /** Why this computer can run the driver, such as where its hypervisor was found; missing where that is not a question. */
  detect?(computer: ComputerFacts): Promise<string | undefined>;
  /**
   * Pure: turns flag values into what the store will keep.
   *
   * @throws TmachineError for a value that no machine can have.
   */
  configure(values: FlagValues<Flags>, place: MachinePlace): Data;
  open(record: DriverRecord<Data>, host: Host): Promise<Driver<Data>>;
  /** The states of several machines, in their order, where asking for all at once costs less than asking for each. */
  states?(machines: readonly StoredGuest<Data>[]): Promise<readonly MachineState[]>;
}

/** A stored machine and the host its driver would be lent, for questions about several machines. */
export interface StoredGuest<Data extends JsonObject = JsonObject> {
  readonly record: DriverRecord<Data>;
  readonly host: Host;
}

/** A network card whose address nobody but the guest itself keeps. */
export interface GuestCard {
  /** Twelve hexadecimal digits. */
  readonly macAddress: string;
  readonly address: string;
  /** The length of the network's prefix. */
  readonly prefix: number;
}

/** What a driver's guest must do by itself, beside starting the engine. */
export interface GuestWishes {
  /** Cards that get their address without DHCP. */
  readonly cards?: readonly GuestCard[];
  /** Names of the folders that the hypervisor shares. */
  readonly shares?: readonly string[];
}

/** Makes the seed of a new guest, once its addresses are known: a tar for the start of the data disk. */
export type MakeSeed = (addresses: readonly string[], wishes?: GuestWishes) => Promise<Uint8Array>;

/** A driver bound to one machine. */
export interface Driver<Data extends JsonObject = JsonObject> extends AsyncDisposable {
  /** Saved after every verb; opaque to everyone else. */
  readonly data: Data;
  /** The same as JSON, where another program has chosen its keys, numbers and order; it is stored as it is then. */
  readonly dataJson?: string | undefined;
  /** Rejects, before anything exists, when this host cannot run the driver. */
  preflight(): Promise<void>;
  /** Makes the machine and starts it; asks for its seed exactly once where the guest can take one. */
  create(makeSeed: MakeSeed): Promise<void>;
  /** Removes all that `create` made, however much of it there is. */
  remove(): Promise<void>;
  state(): Promise<MachineState>;
  /** `tcp://ADDRESS:PORT` of a running engine. */
  dockerUrl(): Promise<string | undefined>;
  /**
   * The last known `dockerUrl`, without asking anybody. For drivers whose `state` and `dockerUrl` are slow: tmachine then
   * tries the engine there first, and asks the driver only when this machine's engine does not answer.
   */
  recordedUrl?(): string | undefined;
  /** A verb that is missing cannot be done. */
  readonly power: Readonly<Partial<PowerControls>>;
  /** Missing when tmachine never logs in; then it sets nothing up inside and makes no certificates. */
  readonly guest?: GuestAccess;
  /** Missing where no console is kept. */
  readonly console?: GuestConsole;
  /** Missing where the guest starts from something else than an image in the machine's folder. */
  readonly bootImage?: BootImageControl;
}

/** Verbs on an existing machine; each resolves when the new state is reached. */
export interface PowerControls {
  start(): Promise<void>;
  /** Asks the guest to power off and waits for it. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Keeps the guest's memory on disk and takes the power away; `start` goes on from there. */
  save(): Promise<void>;
}

export interface GuestAccess {
  /** The address that goes into the server certificate. */
  address(): Promise<string>;
  ssh(): Promise<SshTarget>;
  /** Where the engine listens inside the guest; 2376 where missing. */
  readonly enginePort?: number;
}

/** The machine's own copy of the image that its guest starts from. */
export interface BootImageControl {
  /** The URL, repository or file that was asked for; nothing: the newest of our own. */
  readonly source: string | undefined;
  /** Absolute. */
  readonly path: string;
  /** Puts another image in its place, in one step. The machine must be off; it starts from that image then. */
  replace(image: BootImage): Promise<void>;
}

export interface GuestConsole {
  /** The newest lines of the serial console, oldest first. */
  lastLines(count: number): Promise<readonly string[]>;
}

/** Infers flags and data from the literal, then forgets them for the registry. */
export function defineDriver<const Flags extends FlagSpecs, Data extends JsonObject>(
  definition: DriverDefinition<Flags, Data>,
): DriverDefinition {
  return definition as unknown as DriverDefinition;
}
