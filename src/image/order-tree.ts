import { TmachineError } from '../errors/tmachine-error.ts';
import type { TreeEntry } from './tree.ts';

/**
 * The entries of a file system, parents before children and in an order that does not depend on the input's.
 * Folders that are only implied by a path are added (root's, mode 755); an entry with the empty path describes the root itself
 * and comes first when it is given.
 * @throws TmachineError IMAGE_TREE_INVALID for a path that is malformed, given twice, or below something that is no folder.
 */
export function orderTree(entries: readonly TreeEntry[]): TreeEntry[] {
  const byPath = new Map<string, TreeEntry>();
  for (const entry of entries) {
    checkPath(entry);
    if (byPath.has(entry.path)) throw invalid(entry.path, 'it is given twice');
    byPath.set(entry.path, entry);
  }
  for (const entry of entries) addParents(entry.path, byPath);
  return [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The path of the folder an entry lies in; the empty path is the root. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function addParents(path: string, byPath: Map<string, TreeEntry>): void {
  for (let parent = parentPath(path); parent !== ''; parent = parentPath(parent)) {
    const known = byPath.get(parent);
    if (known?.type === 'directory') return;
    if (known !== undefined) throw invalid(path, `"${parent}" is no folder`);
    byPath.set(parent, { path: parent, type: 'directory', mode: 0o755, uid: 0, gid: 0 });
  }
}

function checkPath(entry: TreeEntry): void {
  const { path } = entry;
  if (path === '' && entry.type === 'directory') return;
  if (path.includes('\0')) throw invalid(path, 'its path holds a NUL');
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') throw invalid(path, 'its path is not a plain relative one');
    if (Buffer.byteLength(name) > 255) throw invalid(path, 'a name in it is longer than 255 bytes');
  }
}

function invalid(path: string, reason: string): TmachineError {
  return new TmachineError(`Cannot put "${path}" into the image: ${reason}`, { code: 'IMAGE_TREE_INVALID' });
}
