import { TmachineError } from '../../errors/tmachine-error.ts';
import { formatPath } from './failures.ts';
import type { FileInfo, FileTree } from './file-tree.ts';

/** Something to copy, with the way to it from the top of its tree: nothing for the top itself. */
export interface ScannedEntry {
  readonly path: string;
  readonly names: readonly string[];
  readonly info: FileInfo;
}

/** A tree to copy. Every folder comes before what is in it. */
export interface ScannedTree {
  readonly entries: readonly ScannedEntry[];
  /** What cannot be copied, and why. */
  readonly failures: readonly unknown[];
}

/** Finds all that is below a path, links followed. What cannot be read is left out, with its failure. */
export async function scanTree(tree: FileTree, path: string, info: FileInfo): Promise<ScannedTree> {
  const entries: ScannedEntry[] = [];
  const failures: unknown[] = [];
  const visit = async (entry: ScannedEntry, above: readonly string[]): Promise<void> => {
    entries.push(entry);
    if (entry.info.kind !== 'folder') return;
    for (const child of await tree.list(entry.path)) {
      const next = { path: tree.join(entry.path, child.name), names: [...entry.names, child.name] };
      try {
        await visit({ ...next, info: usable(tree, next.path, child.info) }, await follow(next.path, child, above));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  /** The real paths from the top to this folder: a link to one of them would never end. */
  const follow = async (
    below: string,
    child: { readonly name: string; readonly isLink: boolean; readonly info: FileInfo | undefined },
    above: readonly string[],
  ): Promise<readonly string[]> => {
    if (child.info?.kind !== 'folder') return above;
    const real = child.isLink ? await tree.realPath(below) : tree.join(above.at(-1) ?? '', child.name);
    if (above.includes(real)) throw uncopyable(tree, below, 'this link leads to a folder that it is in');
    return [...above, real];
  };
  await visit({ path, names: [], info: usable(tree, path, info) }, [await tree.realPath(path)]);
  return { entries, failures };
}

function usable(tree: FileTree, path: string, info: FileInfo | undefined): FileInfo {
  if (info === undefined) throw uncopyable(tree, path, 'this link leads nowhere');
  if (info.kind === 'other') throw uncopyable(tree, path, 'it is neither a file nor a folder');
  return info;
}

function uncopyable(tree: FileTree, path: string, reason: string): TmachineError {
  return new TmachineError(`Cannot copy ${formatPath(tree.place, path)}: ${reason}`, { code: 'COPY_FAILED' });
}
