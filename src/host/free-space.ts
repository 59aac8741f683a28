import { statfs } from 'node:fs/promises';
import { TmachineError } from '../errors/tmachine-error.ts';

/**
 * Makes sure that a folder's disk has room.
 *
 * @throws TmachineError `DISK_FULL` saying how much there is and how much is needed.
 */
export async function requireFreeSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  const found = `"${folder}" has ${formatMebibytes(bavail * bsize)} free, and ${formatMebibytes(bytes)} are needed`;
  throw new TmachineError(`Cannot go on: ${found}`, {
    code: 'DISK_FULL',
    hint: 'make room, then run the same command again',
  });
}

function formatMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
