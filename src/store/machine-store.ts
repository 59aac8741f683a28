import type { Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { makePrivateFolder, privateFile, readTextWithin, writeFileAtomic } from '../host/files.ts';
import { isFolderName, type StoreLayout, storeLayout } from './layout.ts';
import { formatRecord, isUnchanged, type MachineRecord, parseRecord } from './record.ts';

/** A machine of the store: its record, or why it cannot be read. */
export type StoredMachine =
  | { readonly name: string; readonly record: MachineRecord; readonly error?: undefined }
  | { readonly name: string; readonly record?: undefined; readonly error: TmachineError };

/** What is kept on disk about all machines. Reading takes no lock and writes nothing. */
export interface MachineStore {
  readonly layout: StoreLayout;
  /** Names of all machines, wrecks included, in no promised order. */
  names(): Promise<readonly string[]>;
  /** The name of the machine that has this name in any mixture of upper and lower case. */
  findName(name: string): Promise<string | undefined>;
  /** @throws TmachineError `MACHINE_NOT_FOUND`, `CONFIG_UNREADABLE`, `CONFIG_FROM_FUTURE`. */
  load(name: string): Promise<MachineRecord>;
  /** As `load`, with what is wrong as a value. */
  tryLoad(name: string): Promise<StoredMachine>;
  /** One entry for each machine, whatever state its files are in. */
  loadAll(): Promise<readonly StoredMachine[]>;
  /** Writes the record when it differs from the file. The machine's folder is made where needed. @throws TmachineError `STORE_NOT_WRITABLE`. */
  save(record: MachineRecord): Promise<void>;
  /** Deletes the machine's folder with all that is in it. */
  remove(name: string): Promise<void>;
  /** Runs `work` while no other process works under the lock of this machine. */
  withMachineLock<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Runs `work` while no other process works under this lock of the whole store. */
  withLock<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** Where a store is, and what bounds its work. */
export interface StoreOptions {
  /** Absolute. */
  readonly directory: string;
  readonly platform: NodeJS.Platform;
  readonly signal: AbortSignal;
  /** How long to wait for another process; 10 minutes where nothing is said. */
  readonly lockTimeoutMs?: number | undefined;
}

/** Opens a store; nothing is read or made before it is used. */
export function createStore(options: StoreOptions): MachineStore {
  const layout = storeLayout(options.directory, options.platform);
  const names = async () => await machineNames(layout.machines);
  const load = async (name: string) => await readRecord(layout, name);
  const tryLoad = async (name: string) => await loadOrExplain(name, load);
  const lock = async <T>(name: string, what: string, work: () => Promise<T>) => {
    const { withLock } = await import('../host/lock.ts');
    const { platform, signal, lockTimeoutMs: timeoutMs = 600_000 } = options;
    let isTaken = false;
    const run = async () => {
      isTaken = true;
      return await work();
    };
    return await withLock(layout.lock(name), { what, timeoutMs, platform, signal }, run).catch((error: unknown) => {
      if (isTaken || signal.aborted || !isWriteFailure(error)) throw error;
      throw notWritable(`lock ${what}`, error);
    });
  };
  return {
    layout,
    names,
    findName: async (name) => (await names()).find((other) => other.toLowerCase() === name.toLowerCase()),
    load,
    tryLoad,
    loadAll: async () => await Promise.all((await names()).map(tryLoad)),
    save: async (record) => await saveRecord(layout, record),
    remove: async (name) => await removeMachine(layout, name),
    // A name that differs only in case is the same folder on many systems, so it is the same lock everywhere.
    withMachineLock: async (name, work) => await lock(`machine-${name.toLowerCase()}`, `machine "${name}"`, work),
    withLock: async (name, work) => await lock(name, `the store's ${name}`, work),
  };
}

async function machineNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const found = await Promise.all(
      entries.map(async (entry) => ((await isFolder(folder, entry)) ? [entry.name] : [])),
    );
    return found.flat().filter(isFolderName);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    const isForbidden = isSystemError(error, 'EACCES');
    throw new TmachineError(
      `Cannot list the machines in ${folder}: ${isForbidden ? 'you may not read it' : messageOf(error)}`,
      {
        code: 'STORE_UNREADABLE',
        hint: isForbidden ? 'see whose it is, or keep the machines elsewhere: --storage-path FOLDER' : undefined,
        cause: error,
      },
    );
  }
}

/** A link that leads to a folder is as good as one; anything else in there is not ours. */
async function isFolder(parent: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return await stat(join(parent, entry.name)).then(
    (target) => target.isDirectory(),
    () => false,
  );
}

async function readRecord(layout: StoreLayout, name: string): Promise<MachineRecord> {
  if (!isFolderName(name)) throw notFound(name);
  const { config: path } = layout.machine(name);
  const text = await readText(path, name);
  if (text === undefined) throw await noConfig(layout, name);
  return parseRecord(text, { name, path, storePath: layout.directory });
}

/** Real ones have some kilobytes; what is so much longer is something else. */
const longestRecord = 16 * 1024 * 1024;

async function readText(path: string, name: string): Promise<string | undefined> {
  try {
    return await readTextWithin(path, longestRecord);
  } catch (error) {
    const reason = isSystemError(error, 'EACCES') ? 'you may not read it' : messageOf(error);
    throw new TmachineError(`Cannot read machine "${name}": ${path}: ${reason}`, {
      code: 'CONFIG_UNREADABLE',
      cause: error,
    });
  }
}

async function noConfig(layout: StoreLayout, name: string): Promise<TmachineError> {
  const { directory, config } = layout.machine(name);
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  );
  if (!isThere) return notFound(name);
  return new TmachineError(`Cannot read machine "${name}": ${config} does not exist`, {
    code: 'CONFIG_UNREADABLE',
    hint: `what is left of it goes with "tmachine rm -f ${name}"`,
  });
}

function notFound(name: string): TmachineError {
  return new TmachineError(
    `Docker machine "${name}" does not exist. Use "tmachine ls" to list machines. Use "tmachine create" to add a new one.`,
    { code: 'MACHINE_NOT_FOUND' },
  );
}

async function loadOrExplain(name: string, load: (name: string) => Promise<MachineRecord>): Promise<StoredMachine> {
  try {
    return { name, record: await load(name) };
  } catch (error) {
    if (error instanceof TmachineError) return { name, error };
    throw error;
  }
}

/** A file of an older version stays beside its successor, as docker-machine leaves it. */
async function saveRecord(layout: StoreLayout, record: MachineRecord): Promise<void> {
  const { directory, config, configBackup } = layout.machine(record.name);
  if (isUnchanged(record) && (await readTextWithin(config, longestRecord)) !== undefined) return;
  try {
    await makePrivateFolder(directory);
    if (record.migratedFrom !== undefined) await writeFileAtomic(configBackup, record.migratedFrom, privateFile);
    await writeFileAtomic(config, formatRecord(record), privateFile);
  } catch (error) {
    throw notWritable(`save machine "${record.name}"`, error);
  }
}

async function removeMachine(layout: StoreLayout, name: string): Promise<void> {
  if (!isFolderName(name)) throw notFound(name);
  const { directory } = layout.machine(name);
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw notWritable(`delete ${directory}`, error);
  }
}

function isWriteFailure(error: unknown): boolean {
  return !(error instanceof TmachineError) || ['DISK_FULL', 'NOT_WRITABLE'].includes(error.code);
}

function notWritable(what: string, cause: unknown): TmachineError {
  const hint = cause instanceof TmachineError ? cause.hint : undefined;
  return new TmachineError(`Cannot ${what}: ${messageOf(cause)}`, { code: 'STORE_NOT_WRITABLE', hint, cause });
}
