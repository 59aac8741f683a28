import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';

const reasons: readonly (readonly [code: string, reason: string, hint: string])[] = [
  ['ENOSPC', 'the disk is full', 'make room on the disk, and try again'],
  ['EDQUOT', 'your quota of the disk is used up', 'make room on the disk, and try again'],
  ['EROFS', 'the disk is read-only', 'keep the machines elsewhere: --storage-path FOLDER'],
  ['EACCES', 'you may not write there', 'see whose it is, or keep the machines elsewhere: --storage-path FOLDER'],
  ['EPERM', 'you may not write there', 'see whose it is, or keep the machines elsewhere: --storage-path FOLDER'],
  ['EIO', 'the disk reports an error', 'see what the system log says about the disk'],
];

/** A write that this computer refused as a failure with a hint; anything else as it is. */
export function explainWriteFailure(path: string, error: unknown): unknown {
  const known = reasons.find(([code]) => isSystemError(error, code));
  if (known === undefined) return error;
  const [code, reason, hint] = known;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new TmachineError(`Cannot write "${path}": ${reason}`, {
    code: isFull ? 'DISK_FULL' : 'NOT_WRITABLE',
    hint,
    cause: error,
  });
}
