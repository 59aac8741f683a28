import type { TreeEntry } from '../tree.ts';
import { isDroppedPath } from './dropped-paths.ts';

/** An unpacked package. */
export interface PackageTree {
  readonly name: string;
  readonly version: string;
  readonly entries: readonly TreeEntry[];
}

/** A file system in the making, by path; later entries replace earlier ones. */
export type Tree = Map<string, TreeEntry>;

/** All packages in one tree, with /bin, /sbin and /lib merged into /usr, and without what the guest does not need. */
export function mergePackages(packages: readonly PackageTree[]): Tree {
  const tree: Tree = new Map();
  for (const { entries } of packages) {
    for (const entry of entries) {
      const path = mergeIntoUsr(entry.path);
      if (path === '' || isDroppedPath(path)) continue;
      // A folder shared by packages keeps the modes of the first, and a link in its place stays.
      if (entry.type === 'directory' && tree.has(path)) continue;
      tree.set(path, { ...entry, path });
    }
  }
  return tree;
}

/** `bin/sh` → `usr/bin/sh`; the links `bin`, `sbin`, `lib` and `lib64` themselves stay. */
export function mergeIntoUsr(path: string): string {
  return path.replace(/^(?:bin|sbin|lib|lib64)\//, (folder) => `usr/${folder}`);
}

/** Adds the folders that entries lie in and nobody made, and orders the tree by path. */
export function completeTree(tree: Tree): readonly TreeEntry[] {
  const complete: Tree = new Map(tree);
  for (const path of tree.keys()) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (!complete.has(folder)) complete.set(folder, { type: 'directory', path: folder, mode: 0o755, uid: 0, gid: 0 });
    }
  }
  return [...complete.values()].sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}
