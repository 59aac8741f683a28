import type { Duplex } from 'node:stream';
import type { Emit } from '../events/event.ts';
import type { CommandSpec } from '../host/command-line.ts';
import type { LocalEndpoint } from '../host/connect.ts';
import type { Environment } from '../host/environment.ts';
import type { PortListener } from '../host/find-listener.ts';
import type { InterfaceAddress } from '../host/interface-addresses.ts';
import type { PortAnswer } from '../host/network.ts';
import type { ProcessIdentity } from '../host/process-identity.ts';
import type { CommandResult } from '../host/run.ts';
import type { HelperProcess, TakeLine } from '../host/start-helper.ts';
import type { RemoteResult, SshTarget } from '../ssh/guest.ts';
import type { JsonObject } from './contract.ts';

export type { RemoteResult, SshTarget } from '../ssh/guest.ts';

/** Everything a driver may touch on the computer that runs tmachine. */
export interface Host {
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
  /** Logical processors of this computer. */
  readonly cpuCount: number;
  /** This machine's own folder, absolute, mode 0700. The driver may keep any file in it. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly files: HostFiles;
  readonly network: HostNetwork;
  readonly processes: HostProcesses;
  /** Resolves for any exit code; see `CommandResult`. */
  run(command: CommandSpec): Promise<CommandResult>;
  /**
   * Logs in to a host that is there without us, and runs a command as that user; resolves for any exit status. The host's key is
   * pinned on first use in the machine's folder, and trusted for this once where there is none yet.
   *
   * @throws TmachineError `SSH_COMMAND_TIMED_OUT`, or what is wrong with SSH.
   */
  runOverSsh(target: SshTarget, command: string, timeoutMs: number): Promise<RemoteResult>;
  findProgram(name: string, alsoIn?: readonly string[]): Promise<string | undefined>;
  /** The image named by `source` (URL, file), or the newest one of the cache, built or fetched where needed; verified. */
  bootImage(source: string | undefined): Promise<BootImage>;
  /** Polls until `probe` answers; `what` is shown while it takes long and in the error. */
  waitUntil<T>(what: string, timeoutMs: number, probe: () => Promise<T | undefined | false>): Promise<T>;
  /** Runs `work` while no other tmachine process of this store runs work under the same lock name. */
  withLock<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** The driver data of this store's other machines of the same driver. */
  otherMachines(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Stores this machine's driver data at once, so that neither a crash nor another process misses it. */
  saveData(data: JsonObject, dataJson?: string): Promise<void>;
}

/** The part of a host that needs no machine. */
export type Computer = Pick<
  Host,
  'platform' | 'env' | 'signal' | 'emit' | 'network' | 'processes' | 'findProgram' | 'waitUntil'
>;

/** A boot image on disk. */
export interface BootImage {
  readonly path: string;
  /** Whether its guest reads our seed; genuine boot2docker images do not. */
  readonly takesSeed: boolean;
}

export interface HostFiles {
  readText(path: string): Promise<string | undefined>;
  write(path: string, content: string | Uint8Array, mode: number): Promise<void>;
  exists(path: string): Promise<boolean>;
  isFolder(path: string): Promise<boolean>;
  /** Whether we may open a file or device for reading and writing. */
  canReadAndWrite(path: string): Promise<boolean>;
  /** Replaces what is at `to`; nothing happens when `from` does not exist. */
  rename(from: string, to: string): Promise<void>;
  /** A sparse file of `sizeBytes` that begins with `head`, mode 0600. Fails when it exists. */
  createSparse(path: string, sizeBytes: number, head: Uint8Array): Promise<void>;
  /** A hard link where the file system can, else a copy. */
  linkOrCopy(from: string, to: string): Promise<void>;
  /** Removes a file; nothing happens when it does not exist. */
  remove(path: string): Promise<void>;
  /** Removes a folder with all that is in it; nothing happens when it does not exist. */
  removeFolder(path: string): Promise<void>;
  /** The last `maxBytes` of a file as text, empty when it does not exist. */
  readTail(path: string, maxBytes: number): Promise<string>;
}

export interface HostNetwork {
  /** The IPv4 addresses of this computer's interfaces that are up; without loopback. */
  interfaceAddresses(): Promise<readonly InterfaceAddress[]>;
  isPortFree(address: string, port: number): Promise<boolean>;
  findFreePort(address: string): Promise<number>;
  /** Who listens there, as far as this computer tells. */
  findListener(address: string, port: number): Promise<PortListener | undefined>;
  /** Holds a port so that no other process can, until disposed of; nothing when it is not free. */
  holdPort(address: string, port: number): Promise<AsyncDisposable | undefined>;
  /** Connects to a Unix socket (at any path length), a Windows named pipe or a TCP port of this computer. */
  connect(endpoint: LocalEndpoint): Promise<Duplex>;
  /** What a TCP connection to any address meets; it is closed at once. */
  knock(address: string, port: number, timeoutMs: number): Promise<PortAnswer>;
  /** Whether a TCP server there takes a connection in this time; it is closed at once. */
  accepts(address: string, port: number, timeoutMs: number): Promise<boolean>;
}

export interface HostProcesses {
  /** Starts a program that works for us until it is disposed of, without our terminal; `takeLine` gets what it writes. */
  startHelper(command: CommandSpec, takeLine: TakeLine): Promise<HelperProcess>;
  /** Starts a program that outlives us; both output streams are appended to `logFile`. */
  startDetached(command: CommandSpec, logFile: string): Promise<ProcessIdentity>;
  identify(pid: number): Promise<ProcessIdentity | undefined>;
  isRunning(identity: ProcessIdentity): Promise<boolean>;
  /** Sends the signal to exactly this process; nothing happens when it is gone. */
  signal(identity: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}
