import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { isSystemError } from '../errors/tmachine-error.ts';
import { retryWhileBusy } from './retry-while-busy.ts';
import { explainWriteFailure } from './write-failure.ts';

/** Modes of what only the user may read. */
export const privateFile = 0o600;
export const privateFolder = 0o700;

/** The text of a file, or nothing when it does not exist. */
export async function readTextIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Makes a folder that only the user can enter; one that exists keeps its mode. @throws TmachineError `DISK_FULL`, `NOT_WRITABLE`. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: privateFolder }).catch(async (error: unknown) => {
    // On a read-only disk Node says only that a folder is missing which it could not make.
    const reason = isSystemError(error, 'ENOENT') ? await mkdir(path).catch((plain: unknown) => plain) : error;
    throw explainWriteFailure(path, reason);
  });
}

/**
 * Replaces a file in one step: a reader, a crash or a full disk sees the old bytes or the new ones, never a part.
 * The new content is on the disk when this resolves. A file that already holds these bytes is only given the mode.
 *
 * @throws TmachineError `DISK_FULL`, `NOT_WRITABLE`.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  if (await holds(path, bytes)) return await setMode(path, mode);
  const { randomBytes } = await import('node:crypto');
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await setMode(file, mode);
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await retryWhileBusy(() => rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw explainWriteFailure(path, error);
  }
  await syncFolder(dirname(path));
}

/** Some file systems have no modes, and some of them say so; what that means for private keys is told by who makes them. */
async function setMode(file: string | FileHandle, mode: number): Promise<void> {
  await (typeof file === 'string' ? chmod(file, mode) : file.chmod(mode)).catch((error: unknown) => {
    if (!noModes.some((code) => isSystemError(error, code))) throw error;
  });
}

const noModes = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EROFS'];

/** Whether others than the user can open what is at this path, by its mode. Windows has none. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  return platform() !== 'win32' && ((await stat(path)).mode & 0o077) !== 0;
}

/** The text of a file, at most so many bytes of it; nothing when it does not exist. Never waits for a pipe to be written. @throws SyntaxError. */
export async function readTextWithin(path: string, maxBytes: number): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const entry = await file.stat();
    if (!entry.isFile()) throw new SyntaxError('it is not a file');
    if (entry.size > maxBytes) throw new SyntaxError(`${entry.size} bytes are too many`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return (await readFile(path)).equals(bytes);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Without this a rename may be lost with the power; Windows cannot open a folder and does not need it. */
async function syncFolder(path: string): Promise<void> {
  if (platform() === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems that come over a network know of no folder to flush.
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].some((code) => isSystemError(error, code))) throw error;
  } finally {
    await folder.close();
  }
}
