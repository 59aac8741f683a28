import { open, rm } from 'node:fs/promises';
import { isSystemError, messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { privateFile } from './files.ts';

/**
 * Makes a file of `sizeBytes` that begins with `head` and takes no room for the zeros after it. It is on the disk when
 * this resolves, and absent when this fails.
 *
 * @throws TmachineError `FILE_EXISTS` or `DISK_NOT_CREATED`.
 */
export async function createSparseFile(path: string, sizeBytes: number, head: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', privateFile).catch((error: unknown) => {
    throw notCreated(path, error);
  });
  try {
    await file.truncate(sizeBytes);
    await file.write(head, 0, head.length, 0);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw notCreated(path, error);
  } finally {
    await file.close();
  }
}

function notCreated(path: string, cause: unknown): TmachineError {
  if (isSystemError(cause, 'EEXIST'))
    return new TmachineError(`Cannot create "${path}": it exists already`, { code: 'FILE_EXISTS', cause });
  const full = isSystemError(cause, 'ENOSPC');
  return new TmachineError(`Cannot create "${path}": ${full ? 'the disk is full' : messageOf(cause)}`, {
    code: 'DISK_NOT_CREATED',
    hint: hintFor(cause),
    cause,
  });
}

function hintFor(cause: unknown): string | undefined {
  if (isSystemError(cause, 'ENOSPC')) return 'make room on the disk, and try again';
  if (isSystemError(cause, 'EFBIG')) return 'this file system cannot hold a file of that size; ask for a smaller disk';
  return undefined;
}
