import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * A digest of everything but the packages that decides about an image's bytes: the sources of this program's own image
 * parts, in `folder`. The built program carries the one of the sources it was built from.
 */
export async function digestBuilder(folder: string = import.meta.dirname): Promise<string> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) {
    // Git may have written CRLF on Windows; all of them are texts.
    const content = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n');
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
