import { chmod, stat } from 'node:fs/promises';
import { isSystemError } from '../errors/tmachine-error.ts';
import { privateFile } from '../host/files.ts';

/** The mode of a private key that others may read or write, as `ls -l` users write it (`0644`); nothing where it is closed or missing. */
export async function looseMode(path: string, platform: NodeJS.Platform): Promise<string | undefined> {
  if (platform === 'win32') return undefined;
  try {
    const mode = (await stat(path)).mode & 0o777;
    return (mode & 0o077) === 0 ? undefined : mode.toString(8).padStart(4, '0');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Closes a private key to others; the mode it had where that was needed. */
export async function closeKey(path: string, platform: NodeJS.Platform): Promise<string | undefined> {
  const mode = await looseMode(path, platform);
  if (mode !== undefined) await chmod(path, privateFile);
  return mode;
}
