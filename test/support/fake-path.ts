import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** An environment whose PATH begins with `folder`. */
export function withPath(folder: string, env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(defined), PATH: `${folder}${delimiter}${env['PATH'] ?? ''}` };
}

/** Writes an executable script, such as a stand-in for a program; the first line says who runs it. */
export async function writeProgram(folder: string, name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, script.startsWith('#!') ? script : `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}
