import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One call of the real VBoxManage as it was recorded; see the README beside the recordings. */
export interface Recording {
  /** Such as `007-showvminfo-unknown-vm`. */
  readonly name: string;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  readonly stdin?: string | undefined;
  readonly note?: string | undefined;
}

const folder = join(import.meta.dirname, '..', 'fixtures', 'virtualbox');

/** All recordings, in the order they were made. */
export const recordings: readonly Recording[] = readFileSync(join(folder, 'recordings.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recording);

/** The recording of this number, such as `7`, or of this name. */
export function recordingOf(which: number | string): Recording {
  const prefix = typeof which === 'number' ? `${String(which).padStart(3, '0')}-` : which;
  const found = recordings.find(({ name }) => name.startsWith(prefix));
  if (found === undefined) throw new Error(`There is no recording ${which}`);
  return found;
}

/** Another text of the real VBoxManage, by its file name. */
export function vboxText(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}
