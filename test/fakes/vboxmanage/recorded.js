import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(import.meta.dirname, '..', '..', 'fixtures', 'virtualbox', 'recordings.jsonl');

/** The recording of the real program whose name begins so: long texts are taken from there. */
export function recorded(start) {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).find(({ name }) => name.startsWith(start));
}
