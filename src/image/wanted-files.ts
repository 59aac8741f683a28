import { isDroppedPath } from './guest/dropped-paths.ts';
import { mergeIntoUsr } from './guest/merge-packages.ts';
import type { TreeEntry } from './tree.ts';

/** Whether a path of a package has a use in the guest, or is the kernel. */
export function isWantedPath(path: string): boolean {
  const merged = mergeIntoUsr(path);
  if (/^boot\/vmlinuz-/.test(merged)) return true;
  if (/^usr\/lib\/modules\/[^/]+\/(?:System\.map|config)$/.test(merged)) return false;
  return !isDroppedPath(merged);
}

/** Debian after trixie keeps the kernel beside its modules; it is put where trixie has it, in `boot/`. */
export function placeKernel(entry: TreeEntry): TreeEntry {
  const version = /^(?:usr\/)?lib\/modules\/([^/]+)\/vmlinuz$/.exec(entry.path)?.[1];
  return version === undefined ? entry : { ...entry, path: `boot/vmlinuz-${version}` };
}
