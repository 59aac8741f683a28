import { constants } from 'node:fs';
import { copyFile, link, rename, rm } from 'node:fs/promises';
import { isSystemError, messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { retryWhileBusy } from './retry-while-busy.ts';

/**
 * Puts a file at a second path: a hard link where the file system can, else a copy (shared blocks where it can). What is
 * at `to` is replaced in one step.
 *
 * @throws TmachineError `FILE_NOT_COPIED`.
 */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  const temporary = `${to}.new`;
  try {
    await rm(temporary, { force: true });
    await link(from, temporary).catch(async (error: unknown) => {
      if (isSystemError(error, 'ENOENT')) throw error;
      await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    });
    await retryWhileBusy(() => rename(temporary, to));
    // Renaming one of two links of the same file onto the other does nothing and leaves both; see rename(2).
    await rm(temporary, { force: true });
  } catch (error) {
    await rm(temporary, { force: true });
    const isFull = isSystemError(error, 'ENOSPC');
    throw new TmachineError(`Cannot copy "${from}" to "${to}": ${isFull ? 'the disk is full' : messageOf(error)}`, {
      code: 'FILE_NOT_COPIED',
      hint: isFull ? 'make room on the disk, and try again' : undefined,
      cause: error,
    });
  }
}
