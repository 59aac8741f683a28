import { access, open, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../driver/contract.ts';
import type { BootImage, Computer, Host, HostFiles, HostNetwork, HostProcesses } from '../driver/host.ts';
import { isSystemError } from '../errors/tmachine-error.ts';
import type { Emit } from '../events/event.ts';
import { connectLocal } from '../host/connect.ts';
import type { Environment } from '../host/environment.ts';
import { readTextIfExists, writeFileAtomic } from '../host/files.ts';
import { identifyProcess, isSameProcess } from '../host/process-identity.ts';
import { retryWhileBusy } from '../host/retry-while-busy.ts';

/** What tells computers apart, and those who work on them. */
export interface ComputerOptions {
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** What the host of one machine is made from. */
export interface DriverHostOptions extends ComputerOptions {
  /** The machine's own folder, absolute. */
  readonly directory: string;
  /** Where the locks of this store are kept, absolute. */
  readonly lockDirectory: string;
  readonly sshClient: 'native' | 'external';
  readonly bootImage: (source: string | undefined) => Promise<BootImage>;
  readonly otherMachines: () => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly saveData: (data: JsonObject, dataJson?: string) => Promise<void>;
}

/** A wait is worth a word to the user after this long, and then again each time as long passed. */
const reportEveryMs = 3000;
const lockTimeoutMs = 120_000;

/** Everything a driver may touch on this computer, bound to one machine. What only longer work needs is loaded for it. */
export function createDriverHost(options: DriverHostOptions): Host {
  const { platform, env, signal, emit } = options;
  return {
    ...createComputer(options),
    cpuCount: availableParallelism(),
    directory: options.directory,
    files: hostFiles,
    run: async (command) => await (await import('../host/run.ts')).run(command, { env, signal, emit }),
    runOverSsh: async (target, command, timeoutMs) =>
      await (await import('./run-over-ssh.ts')).runOverSsh({ target, command, timeoutMs }, options),
    bootImage: options.bootImage,
    withLock: async (name, work) =>
      await (await import('../host/lock.ts')).withLock(
        join(options.lockDirectory, `${name}.lock`),
        { what: name, timeoutMs: lockTimeoutMs, signal, platform },
        work,
      ),
    otherMachines: options.otherMachines,
    saveData: options.saveData,
  };
}

/** What a driver may touch of this computer while it has no machine. */
export function createComputer({ platform, env, signal, emit }: ComputerOptions): Computer {
  return {
    platform,
    env,
    signal,
    emit,
    network: hostNetwork(platform),
    processes: hostProcesses(platform, env),
    findProgram: async (name, alsoIn) =>
      await (await import('../host/find-program.ts')).findProgram(name, { env, platform, alsoIn }),
    waitUntil: async (what, timeoutMs, probe) =>
      await (await import('../host/wait-until.ts')).waitUntil(probe, {
        what,
        timeoutMs,
        signal,
        firstDelayMs: 10,
        maxDelayMs: 250,
        onWait: waitReporter(what, emit),
      }),
  };
}

function waitReporter(what: string, emit: Emit): (elapsedMs: number) => void {
  let nextMs = reportEveryMs;
  return (elapsedMs) => {
    if (elapsedMs < nextMs) return;
    nextMs = elapsedMs + reportEveryMs;
    emit({ type: 'step.waiting', step: 'driver', what, elapsedMs });
  };
}

const hostFiles: HostFiles = {
  readText: readTextIfExists,
  write: writeFileAtomic,
  exists: async (path) => await succeeds(() => access(path)),
  isFolder: async (path) =>
    await stat(path).then(
      (entry) => entry.isDirectory(),
      () => false,
    ),
  canReadAndWrite: async (path) =>
    await succeeds(async () => {
      const file = await open(path, 'r+');
      await file.close();
    }),
  rename: async (from, to) =>
    await retryWhileBusy(() => rename(from, to)).catch((error: unknown) => {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }),
  createSparse: async (path, sizeBytes, head) =>
    await (await import('../host/sparse-file.ts')).createSparseFile(path, sizeBytes, head),
  linkOrCopy: async (from, to) => await (await import('../host/link-or-copy.ts')).linkOrCopy(from, to),
  remove: async (path) => await rm(path, { force: true }),
  removeFolder: async (path) => await rm(path, { force: true, recursive: true }),
  readTail: async (path, bytes) => await (await import('../host/read-tail.ts')).readTail(path, bytes),
};

function hostNetwork(platform: NodeJS.Platform): HostNetwork {
  return {
    interfaceAddresses: async () => (await import('../host/interface-addresses.ts')).listInterfaceAddresses(),
    findListener: async (address, port) =>
      await (await import('../host/find-listener.ts')).findListener(address, port, platform),
    isPortFree: async (address, port) => await (await import('../host/network.ts')).isPortFree(address, port),
    findFreePort: async (address) => await (await import('../host/network.ts')).findFreePort(address),
    holdPort: async (address, port) => await (await import('../host/network.ts')).holdPort(address, port),
    connect: async (endpoint) => await connectLocal(endpoint, platform),
    knock: async (address, port, timeoutMs) =>
      await (await import('../host/network.ts')).knockAtPort(address, port, timeoutMs),
    accepts: async (address, port, timeoutMs) =>
      await (await import('../host/network.ts')).acceptsConnections(address, port, timeoutMs),
  };
}

function hostProcesses(platform: NodeJS.Platform, env: Environment): HostProcesses {
  return {
    startHelper: async (command, takeLine) =>
      await (await import('../host/start-helper.ts')).startHelper(command, takeLine, env),
    startDetached: async (command, logFile) =>
      await (await import('../host/detached.ts')).startDetached(command, { env, platform, logFile }),
    identify: async (pid) => await identifyProcess(pid, platform),
    isRunning: async (identity) => await isSameProcess(identity, platform),
    signal: async (identity, signal) =>
      await (await import('../host/signal-process.ts')).signalProcess(identity, signal, platform),
  };
}

async function succeeds(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}
