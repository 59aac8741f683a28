import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, extname, isAbsolute, join } from 'node:path';
import type { Environment } from './environment.ts';

/** Where to look for a program: PATH (and PATHEXT on Windows) of `env`, then `alsoIn`. */
export interface ProgramSearch {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly alsoIn?: readonly string[] | undefined;
}

/** The absolute path of a program, or nothing when there is none. */
export async function findProgram(name: string, search: ProgramSearch): Promise<string | undefined> {
  const names = fileNames(name, search);
  if (isAbsolute(name)) return await firstExecutable(names);
  const path = search.env['PATH'] ?? search.env['Path'] ?? '';
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...(search.alsoIn ?? [])];
  return await firstExecutable(folders.flatMap((folder) => names.map((file) => join(folder, file))));
}

function fileNames(name: string, search: ProgramSearch): readonly string[] {
  if (search.platform !== 'win32' || extname(name) !== '') return [name];
  const extensions = (search.env['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';');
  return extensions.map((extension) => name + extension.toLowerCase());
}

async function firstExecutable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      await access(path, constants.X_OK);
      if ((await stat(path)).isFile()) return path;
    } catch {
      // Not here, or not ours to run: the next folder may have it.
    }
  }
  return undefined;
}
