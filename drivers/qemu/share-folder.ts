import { posix, win32 } from 'node:path';
import { optionInvalid } from './option-invalid.ts';

/** A folder of this computer that the guest mounts at `/NAME`. */
export interface ShareFolder {
  readonly directory: string;
  readonly name: string;
  readonly readOnly: boolean;
}

/** Folders of the guest's own that a mount would hide. */
const guestFolders = new Set(
  'bin boot dev etc home init lib lib32 lib64 libx32 mnt opt proc root run sbin srv sys tmp usr var'.split(' '),
);

/** virtio-9p's mount tag holds 31 bytes. */
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}$/;

/**
 * Reads `DIR:NAME[:ro]`; the folder may be a Windows path with a colon of its own.
 *
 * @throws TmachineError `QEMU_OPTION_INVALID`.
 */
export function parseShareFolder(text: string): ShareFolder {
  const match = /^(?<directory>.+?):(?<name>[^:\\/]+?)(?<mode>:ro|:rw)?$/.exec(text)?.groups;
  const { directory, name, mode } = match ?? {};
  if (directory === undefined || name === undefined) throw invalid(text, 'it does not have the form DIR:NAME[:ro]');
  if (!posix.isAbsolute(directory) && !/^([A-Za-z]:[\\/]|\\\\)/.test(win32.normalize(directory)))
    throw invalid(text, `"${directory}" is not an absolute path`);
  if (!namePattern.test(name)) throw invalid(text, `"${name}" is not a plain name of at most 31 characters`);
  if (guestFolders.has(name)) throw invalid(text, `"/${name}" is a folder of the guest's own`);
  return { directory, name, readOnly: mode === ':ro' };
}

function invalid(text: string, reason: string): Error {
  return optionInvalid('qemu-share-folder', text, reason, 'for example /home/me/project:project or /data:data:ro');
}
