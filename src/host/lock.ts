import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { makePrivateFolder, privateFile } from './files.ts';
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
  const ticket = `${path}.${token}`;
  try {
    await writeFile(ticket, JSON.stringify({ ...self, token }), { mode: privateFile });
    await waitUntil(() => tryToTake(path, ticket, options.platform), { ...options, firstDelayMs: 10, maxDelayMs: 200 });
  } catch (error) {
    if (error instanceof TmachineError && error.code === 'TIMED_OUT') throw locked(await readOwner(path), options);
    throw explainWriteFailure(path, error);
  } finally {
    await rm(ticket, { force: true });
  }
  return async () => await releaseOwn(path, token);
}

/** A hard link appears in one step and with its content, so no one ever reads an empty lock. */
async function tryToTake(path: string, ticket: string, platform: NodeJS.Platform): Promise<boolean> {
  try {
    await link(ticket, path);
    return true;
  } catch (error) {
    // Windows also refuses while a lock that was released is still open somewhere.
    if (isBusy(error)) return false;
    if (!isSystemError(error, 'EEXIST')) throw error;
  }
  const owner = await readOwner(path);
  if (owner !== undefined && !(await isSameProcess(owner, platform))) await breakLock(path, owner);
  return false;
}

/** Two breakers may race: the one that moved a fresh lock away by mistake puts it back. */
async function breakLock(path: string, dead: LockOwner): Promise<void> {
  const grave = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(path, grave);
    const moved = await readOwner(grave);
    if (moved !== undefined && moved.token !== dead.token) await link(grave, path).catch(() => undefined);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT') && !isBusy(error)) throw error;
  } finally {
    await rm(grave, { force: true });
  }
}

async function releaseOwn(path: string, token: string): Promise<void> {
  const owner = await readOwner(path);
  if (owner?.token === token) await retryWhileBusy(() => rm(path, { force: true }));
}

interface LockOwner extends ProcessIdentity {
  readonly token: string;
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockOwner;
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || isBusy(error)) return undefined;
    if (error instanceof SyntaxError) return { pid: -1, startedAt: '', token: '' };
    throw error;
  }
}

function locked(owner: LockOwner | undefined, options: LockOptions): TmachineError {
  const holder = owner === undefined ? 'another process' : `process ${owner.pid}`;
  return new TmachineError(`Cannot lock ${options.what}: ${holder} has held it for ${options.timeoutMs / 1000} s`, {
    code: 'LOCKED',
    hint: 'wait for that command to end, or end it',
  });
}
