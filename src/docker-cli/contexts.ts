import { createHash } from 'node:crypto';
import { readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError, messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { makePrivateFolder, privateFile, readTextIfExists, writeFileAtomic } from '../host/files.ts';
import { type ContextRecord, formatContext, parseContext } from './context-record.ts';
import { parseCurrentContext, planCurrentContext } from './current-context.ts';

/** The certificates of a context, all PEM. */
export interface ContextCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * The contexts of the Docker CLI, in the files it keeps itself, so that none need be installed.
 * Layout: docker/cli, `cli/context/store`.
 */
export interface DockerContexts {
  /** @throws TmachineError `DOCKER_CONFIG_UNREADABLE`. */
  read(name: string): Promise<ContextRecord | undefined>;
  /** Makes or replaces a context. @throws TmachineError `DOCKER_CONFIG_NOT_WRITABLE`. */
  write(name: string, record: ContextRecord, certificates: ContextCertificates): Promise<void>;
  /** @throws TmachineError `DOCKER_CONFIG_NOT_WRITABLE`. */
  remove(name: string): Promise<void>;
  /** The context in `config.json`; nothing for the default one. @throws TmachineError `DOCKER_CONFIG_UNREADABLE`. */
  current(): Promise<string | undefined>;
  /** Nothing means the default one. @throws TmachineError `DOCKER_CONFIG_UNREADABLE`, `DOCKER_CONFIG_NOT_WRITABLE`. */
  setCurrent(name: string | undefined): Promise<void>;
  /** Runs `work` while no other tmachine changes contexts. @throws TmachineError `LOCKED`, `DOCKER_CONFIG_NOT_WRITABLE`. */
  withLock<T>(work: () => Promise<T>): Promise<T>;
}

/** Opens the contexts in a folder of the Docker CLI, an absolute path; nothing is read or made before it is used. */
export function openContexts(folder: string, platform: NodeJS.Platform): DockerContexts {
  const config = join(folder, 'config.json');
  const contexts = join(folder, 'contexts');
  return {
    read: async (name) => {
      const path = join(contexts, 'meta', idOf(name), 'meta.json');
      const text = await readTextIfExists(path).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      return text === undefined ? undefined : parseContext(text);
    },
    write: async (name, record, certificates) =>
      await explainWrites(contexts, () => writeContext(contexts, name, { record, certificates })),
    remove: async (name) => await explainWrites(contexts, () => removeContext(contexts, name)),
    current: async () => (await readConfig(config)).current,
    setCurrent: async (name) => await setCurrent(config, name),
    withLock: async (work) => await withContextsLock(join(contexts, 'tmachine.lock'), platform, work),
  };
}

/** The Docker CLI finds a context by the SHA-256 of its name. */
function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** A context appears and goes with its `meta.json`, so the certificates are there before and after. */
async function writeContext(
  contexts: string,
  name: string,
  { record, certificates }: { readonly record: ContextRecord; readonly certificates: ContextCertificates },
): Promise<void> {
  const tls = join(contexts, 'tls', idOf(name), 'docker');
  const meta = join(contexts, 'meta', idOf(name));
  await makePrivateFolder(tls);
  for (const file of ['ca', 'cert', 'key'] as const)
    await writeFileAtomic(join(tls, `${file}.pem`), certificates[file], privateFile);
  await makePrivateFolder(meta);
  await writeFileAtomic(join(meta, 'meta.json'), formatContext(name, record), privateFile);
}

async function removeContext(contexts: string, name: string): Promise<void> {
  for (const part of ['meta', 'tls']) await rm(join(contexts, part, idOf(name)), { recursive: true, force: true });
}

interface DockerConfig {
  readonly text: string;
  readonly current: string | undefined;
}

/** As bytes: the file may hold what is no UTF-8, and would lose it on the way through text. */
async function readConfig(path: string): Promise<DockerConfig> {
  try {
    const text = (await readBytesIfExist(path))?.toString('latin1') ?? '';
    return { text, current: parseCurrentContext(text) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readBytesIfExist(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function setCurrent(config: string, name: string | undefined): Promise<void> {
  const { text, current } = await readConfig(config);
  if (current === name) return;
  await explainWrites(config, async () => {
    await makePrivateFolder(dirname(config));
    // The file may be a link into a folder of settings, and stays one.
    const path = await realpath(config).catch(() => config);
    await writeFileAtomic(path, Buffer.from(planCurrentContext(text, name), 'latin1'), await modeOf(path));
  });
}

/** Renaming would replace even a file that its owner has made read-only. @throws TmachineError `NOT_WRITABLE`. */
async function modeOf(path: string): Promise<number> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o222) !== 0) return mode & 0o777;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return privateFile;
    throw error;
  }
  throw new TmachineError(`Cannot write "${path}": it is marked read-only`, { code: 'NOT_WRITABLE' });
}

async function withContextsLock<T>(path: string, platform: NodeJS.Platform, work: () => Promise<T>): Promise<T> {
  const { withLock } = await import('../host/lock.ts');
  // A few files are written under it, also on the way out of a command that was interrupted: so nothing ends it early.
  const { signal } = new AbortController();
  const options = { what: 'the contexts of the Docker CLI', timeoutMs: 10_000, platform, signal };
  let isTaken = false;
  const run = async (): Promise<T> => {
    isTaken = true;
    return await work();
  };
  return await withLock(path, options, run).catch((error: unknown) => {
    throw isTaken ? error : explained(path, error);
  });
}

async function explainWrites(path: string, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    throw explained(path, error);
  });
}

/** What stands in the way of a write, with a hint for the Docker CLI's folder; anything else as it is. */
function explained(path: string, error: unknown): unknown {
  const isOfSystem = error instanceof Error && 'errno' in error;
  const isRefused = error instanceof TmachineError && error.code === 'NOT_WRITABLE';
  if (!isOfSystem && !isRefused) return error;
  return new TmachineError(isRefused ? error.message : `Cannot write "${path}": ${messageOf(error)}`, {
    code: 'DOCKER_CONFIG_NOT_WRITABLE',
    hint: 'see whose it is, or let the Docker CLI keep its settings elsewhere: DOCKER_CONFIG=FOLDER',
    cause: error,
  });
}

function unreadable(path: string, error: unknown): TmachineError {
  return new TmachineError(`Cannot read "${path}", a file of the Docker CLI: ${messageOf(error)}`, {
    code: 'DOCKER_CONFIG_UNREADABLE',
    hint: 'mend that file or move it away; it was left as it is',
    cause: error,
  });
}
