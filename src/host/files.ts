import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { isSystemError } from '../errors/tmachine-error.ts';
import { retryWhileBusy } from './retry-while-busy.ts';
import { explainWriteFailure } from './write-failure.ts';

/** Modes of what only the user may read. */
export const privateFile = 0o600;
const privateFolder = 0o700;

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
  await mkdir(path, { recursive: true, mode: privateFolder }).catch((error: unknown) => {
    throw explainWriteFailure(path, error);
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
  if (await holds(path, bytes)) return await chmod(path, mode);
  const { randomBytes } = await import('node:crypto');
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.chmod(mode);
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
  } finally {
    await folder.close();
  }
}
