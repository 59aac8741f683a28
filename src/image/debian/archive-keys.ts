import { readdir, readFile } from 'node:fs/promises';

/** Debian's archive keys as ASCII-armored texts; `keys/README.md` tells their origin. */
export async function readArchiveKeys(): Promise<readonly string[]> {
  const folder = new URL('./keys/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.asc')).sort();
  return await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
}
