import { posix, win32 } from 'node:path';
import { optionInvalid } from './option-invalid.ts';

/** A folder of this computer, and the name under which VirtualBox offers it to the guest. */
export interface ShareFolder {
  readonly directory: string;
  readonly name: string;
}

/** Folders of the guest's own that a mount would hide. */
const guestFolders = new Set(
  'bin boot dev etc home init lib lib32 lib64 libx32 mnt opt proc root run sbin srv sys tmp usr var'.split(' '),
);

/**
 * Reads `DIR:NAME`; the folder may be a Windows path with a colon of its own. Without a name, as docker-machine allows
 * after a last colon, the folder's path serves.
 *
 * @throws TmachineError `VIRTUALBOX_OPTION_INVALID`.
 */
export function parseShareFolder(text: string): ShareFolder {
  const end = text.lastIndexOf(':');
  const directory = text.slice(0, Math.max(end, 0));
  if (directory === '') throw invalid(text, 'it does not have the form DIR:NAME');
  if (!posix.isAbsolute(directory) && !/^([A-Za-z]:[\\/]|\\\\)/.test(win32.normalize(directory)))
    throw invalid(text, `"${directory}" is not an absolute path`);
  const name = text.slice(end + 1) || directory.replace(/^\/+/, '');
  if (/[\\:\s\p{Cc}]/u.test(name)) throw invalid(text, `"${name}" is not a plain name`);
  if (guestFolders.has(name)) throw invalid(text, `"/${name}" is a folder of the guest's own`);
  return { directory, name };
}

/** The folder that docker-machine shows in the guest: where the users of this system have their homes. */
export function planHomeShare(system: NodeJS.Platform | 'wsl'): ShareFolder | undefined {
  switch (system) {
    case 'win32':
      return { directory: '\\\\?\\c:\\Users', name: 'c/Users' };
    case 'wsl':
      return { directory: '/mnt/c/Users', name: 'c/Users' };
    case 'darwin':
      return { directory: '/Users', name: 'Users' };
    case 'linux':
      return { directory: '/home', name: 'hosthome' };
    default:
      return undefined;
  }
}

function invalid(text: string, reason: string): Error {
  return optionInvalid('virtualbox-share-folder', text, reason, 'for example /home/me/project:project');
}
