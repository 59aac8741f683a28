import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { privateFile } from '../host/files.ts';

/** What a machine last said of itself. */
export interface LastSeen {
  readonly state: string;
  readonly url: string;
}

/** By machine name. */
export type LastSeenMachines = ReadonlyMap<string, LastSeen>;

/**
 * What `ls` saw of the machines the last time they answered, in a file of its own: their records are not written for a look at them. A
 * file that is missing or damaged knows nothing.
 */
export async function readLastSeen(path: string): Promise<LastSeenMachines> {
  try {
    const entries = Object.entries(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, LastSeen] => isLastSeen(entry[1])));
  } catch {
    return new Map();
  }
}

/** Replaces the file in one step, where it can be written; it is a memory aid and not worth a failure or a flush of the disk. */
export async function writeLastSeen(path: string, machines: LastSeenMachines): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, JSON.stringify(Object.fromEntries(machines)), { mode: privateFile });
    await rename(temporary, path);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function isLastSeen(value: unknown): value is LastSeen {
  const { state, url } = (value ?? {}) as Partial<LastSeen>;
  return typeof state === 'string' && typeof url === 'string';
}
