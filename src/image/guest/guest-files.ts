import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { TreeEntry } from '../tree.ts';

/** The guest's own files as they lie beside this module. */
export interface GuestFiles {
  readonly root: readonly TreeEntry[];
  readonly initramfs: readonly TreeEntry[];
}

/** Reads the guest's own files (boot scripts, configuration), which are the same on every computer. */
export async function readGuestFiles(): Promise<GuestFiles> {
  const folder = join(import.meta.dirname, 'files');
  return { root: await readTree(join(folder, 'root')), initramfs: await readTree(join(folder, 'initramfs')) };
}

async function readTree(folder: string): Promise<readonly TreeEntry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map((file) => readGuestFile(file, file.slice(folder.length + 1))));
}

/** Modes cannot come from the disk: Windows keeps none. A script is what begins with `#!`. */
async function readGuestFile(file: string, relative: string): Promise<TreeEntry> {
  const path = relative.split(sep).join('/');
  // Git may have written CRLF on Windows.
  const content = Buffer.from((await readFile(file, 'utf8')).replaceAll('\r\n', '\n'));
  const mode = modeOf(path, content);
  return { type: 'file', path, mode, uid: 0, gid: 0, content };
}

function modeOf(path: string, content: Buffer): number {
  if (path.startsWith('etc/sudoers')) return 0o440;
  return content.subarray(0, 2).toString() === '#!' ? 0o755 : 0o644;
}
