import { accessSync, constants, statSync } from 'node:fs';
import { platform } from 'node:os';
import { extname, isAbsolute, join } from 'node:path';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { Environment } from './environment.ts';

/** Where to look for a program: PATH (and PATHEXT on Windows) of `env`, then `alsoIn`; never in the current folder. */
export interface ProgramSearch {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly alsoIn?: readonly string[] | undefined;
}

/** The absolute path of a program, or nothing when there is none. */
export async function findProgram(name: string, search: ProgramSearch): Promise<string | undefined> {
  const names = fileNames(name, search);
  if (isAbsolute(name)) return firstExecutable(names);
  const folders = [...pathFolders(search), ...(search.alsoIn ?? [])];
  return firstExecutable(folders.flatMap((folder) => names.map((file) => join(folder, file))));
}

/**
 * What to start for a program that is given by name. Windows would look in the current folder before PATH, where whoever
 * wrote the files there could have put a program of that name; so there it is looked up here.
 *
 * @throws TmachineError `PROGRAM_NOT_FOUND` on Windows; elsewhere the start itself fails.
 */
export async function programToStart(name: string, env: Environment): Promise<string> {
  if (platform() !== 'win32' || /[\\/]/.test(name)) return name;
  const found = await findProgram(name, { env, platform: 'win32' });
  if (found === undefined) throw programNotFound(name);
  return found;
}

/** The error for a program that cannot be started because there is none. */
export function programNotFound(name: string, cause?: unknown): TmachineError {
  return new TmachineError(`Cannot run "${name}": it is not installed or not on PATH`, {
    code: 'PROGRAM_NOT_FOUND',
    cause,
  });
}

/** The folders of PATH. Windows lets an entry stand in quotes, in which a semicolon is part of it. */
export function pathFolders({ env, platform }: Pick<ProgramSearch, 'env' | 'platform'>): readonly string[] {
  if (platform !== 'win32') return (env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const entries = windowsVariable(env, 'PATH').match(/(?:"[^"]*"?|[^;"])+/g) ?? [];
  return entries.map((entry) => entry.replaceAll('"', '').trim()).filter((folder) => folder !== '');
}

/** A name that ends like a program is tried as it is first; `python3.11` does not. */
function fileNames(name: string, { env, platform }: ProgramSearch): readonly string[] {
  if (platform !== 'win32') return [name];
  const listed = windowsVariable(env, 'PATHEXT') || '.COM;.EXE;.BAT;.CMD';
  const extensions = listed.split(';').map((extension) => extension.trim().toLowerCase());
  const isWhole = extensions.includes(extname(name).toLowerCase());
  return [...(isWhole ? [name] : []), ...extensions.map((extension) => name + extension)];
}

/** Windows does not mind the case of a variable's name, but a copy of its environment does. */
function windowsVariable(env: Environment, name: string): string {
  const found = Object.keys(env).find((key) => key.toUpperCase() === name);
  return (found === undefined ? undefined : env[found]) ?? '';
}

/** At once: a look at a folder takes less time than the thread pool takes to hear of it. */
function firstExecutable(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not here, or not ours to run: the next folder may have it.
    }
  }
  return undefined;
}
