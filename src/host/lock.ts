import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { makePrivateFolder, privateFile, privateFolder } from './files.ts';
import { identifyProcess, isSameProcess, type ProcessIdentity } from './process-identity.ts';
import { isBusy, retryWhileBusy } from './retry-while-busy.ts';
import { waitUntil } from './wait-until.ts';
import { explainWriteFailure } from './write-failure.ts';

/** How a lock is taken. `what` names the guarded thing in the error. */
export interface LockOptions {
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly platform: NodeJS.Platform;
}

/**
 * Runs `work` while this process alone holds the lock file at `path`; other processes wait their turn.
 * A lock whose owner no longer runs is taken over at once.
 *
 * @throws TmachineError `LOCKED` when a living process keeps it longer than `timeoutMs`; `DISK_FULL`, `NOT_WRITABLE`.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const release = await acquire(path, options);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(path: string, options: LockOptions): Promise<() => Promise<void>> {
  await makePrivateFolder(dirname(path));
  const self = await identifyProcess(process.pid, options.platform);
  const token = randomBytes(8).toString('hex');
  const owner = JSON.stringify({ ...self, token, host: hostname() });
  const ticket = `${path}.${token}`;
  const beacon = options.platform === 'win32' ? await (await import('./lock-beacon.ts')).lightBeacon(token) : undefined;
  const release = async (): Promise<void> => {
    await releaseOwn(path, token);
    await beacon?.[Symbol.asyncDispose]();
  };
  try {
    const take = await prepare(ticket, owner, path);
    await waitUntil(() => tryToTake(path, take, options.platform), { ...options, firstDelayMs: 10, maxDelayMs: 200 });
    return release;
  } catch (error) {
    await beacon?.[Symbol.asyncDispose]();
    if (error instanceof TmachineError && error.code === 'TIMED_OUT')
      throw locked(await readOwner(path), path, options);
    throw explainWriteFailure(path, error);
  } finally {
    await rm(ticket, { force: true, recursive: true });
  }
}

/** Puts the lock in its place, unless there is one already. */
type Take = () => Promise<boolean>;

/** A hard link, or else a folder that is renamed: both appear in one step and with their content, so no one ever reads an empty lock. */
async function prepare(ticket: string, owner: string, path: string): Promise<Take> {
  await writeFile(ticket, owner, { mode: privateFile });
  let hasLinks = true;
  const byLink = async (): Promise<boolean> => {
    await link(ticket, path);
    return true;
  };
  const byFolder = async (): Promise<boolean> => {
    // Over an empty folder a rename would succeed; a lock's folder never is one.
    await rename(ticket, path);
    return true;
  };
  return async () => {
    try {
      return hasLinks ? await byLink() : await byFolder();
    } catch (error) {
      // Windows also refuses while a lock that was released is still open somewhere.
      if (isBusy(error)) return false;
      if (hasLinks && noLinks.some((code) => isSystemError(error, code))) {
        hasLinks = false;
        await rm(ticket, { force: true });
        await mkdir(ticket, { mode: privateFolder });
        await writeFile(join(ticket, ownerFile), owner, { mode: privateFile });
        return false;
      }
      // What a rename onto a folder is refused with differs between file systems.
      if (isSystemError(error, 'EEXIST') || (!hasLinks && (await isThere(path)))) return false;
      throw error;
    }
  };
}

/** What link(2) says on FAT, exFAT, and most file systems that come over a network. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];
const ownerFile = 'owner';

async function tryToTake(path: string, take: Take, platform: NodeJS.Platform): Promise<boolean> {
  if (await take()) return true;
  const owner = await readOwner(path);
  if (owner === undefined || !(await isGone(owner, platform))) return false;
  // An owner that has just released its lock ends, too, and the lock here may be the next one's.
  if ((await readOwner(path))?.token === owner.token) await breakLock(path, owner);
  return false;
}

/** Of a process on another computer, which works in the same store over a network, nothing can be said. */
async function isGone(owner: LockOwner, platform: NodeJS.Platform): Promise<boolean> {
  if (owner.host !== undefined && owner.host !== hostname()) return false;
  if (platform === 'win32') return !(await (await import('./lock-beacon.ts')).seesBeacon(owner.token));
  return !(await isSameProcess(owner, platform));
}

/** Two breakers may race: the one that moved a fresh lock away by mistake puts it back. */
async function breakLock(path: string, dead: LockOwner): Promise<void> {
  const grave = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(path, grave);
    const moved = await readOwner(grave);
    if (moved !== undefined && moved.token !== dead.token) await putBack(grave, path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT') && !isBusy(error)) throw error;
  } finally {
    await rm(grave, { force: true, recursive: true });
  }
}

async function putBack(grave: string, path: string): Promise<void> {
  const isFolder = (await stat(grave)).isDirectory();
  await (isFolder ? rename(grave, path) : link(grave, path)).catch(() => undefined);
}

/** In one step here too: a folder that is emptied first would be half a lock. */
async function releaseOwn(path: string, token: string): Promise<void> {
  const owner = await readOwner(path);
  if (owner?.token !== token) return;
  const grave = `${path}.${randomBytes(8).toString('hex')}`;
  await retryWhileBusy(() => rename(path, grave));
  await rm(grave, { force: true, recursive: true });
}

interface LockOwner extends ProcessIdentity {
  readonly token: string;
  /** Missing in locks of older versions. */
  readonly host?: string;
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    const text = await readFile(path, 'utf8').catch(async (error: unknown) => {
      if (isSystemError(error, 'EISDIR')) return await readFile(join(path, ownerFile), 'utf8');
      throw error;
    });
    return JSON.parse(text) as LockOwner;
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || isBusy(error)) return undefined;
    if (error instanceof SyntaxError) return { pid: -1, startedAt: '', token: '' };
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

function locked(owner: LockOwner | undefined, path: string, options: LockOptions): TmachineError {
  const isElsewhere = owner?.host !== undefined && owner.host !== hostname();
  const process = owner === undefined ? 'another process' : `process ${owner.pid}`;
  const holder = isElsewhere ? `${process} on ${owner.host}` : process;
  return new TmachineError(`Cannot lock ${options.what}: ${holder} has held it for ${options.timeoutMs / 1000} s`, {
    code: 'LOCKED',
    hint: isElsewhere
      ? `wait for that command to end; if it is gone, remove ${path}`
      : 'wait for that command to end, or end it',
  });
}
