import type { FileTree } from './file-tree.ts';
import { type GlobPart, parseGlob } from './glob.ts';

/**
 * The paths that a path with wildcards stands for, sorted; the path itself where it has none, where a file is called
 * exactly so, and where nothing matches.
 */
export async function expandPath(tree: FileTree, path: string): Promise<readonly string[]> {
  const parts = parseGlob(path);
  if (parts === undefined || (await tree.info(path)) !== undefined) return [path];
  const found = await expandParts(tree, path.startsWith('/') ? '/' : '', parts.filter(isSomething));
  return found.length > 0 ? found : [path];
}

function isSomething(part: GlobPart): boolean {
  return !('name' in part) || part.name !== '';
}

async function expandParts(tree: FileTree, start: string, parts: readonly GlobPart[]): Promise<readonly string[]> {
  let paths: readonly string[] = [start];
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const next = await Promise.all(paths.map(async (path) => await expandPart(tree, path, part)));
    const kinds = await Promise.all(next.flat().map(async (path) => ({ path, info: await tree.info(path) })));
    paths = kinds.filter(({ info }) => (isLast ? info !== undefined : info?.kind === 'folder')).map(({ path }) => path);
  }
  return paths;
}

async function expandPart(tree: FileTree, folder: string, part: GlobPart): Promise<readonly string[]> {
  const join = (name: string): string => (folder === '' ? name : tree.join(folder, name));
  if ('name' in part) return [join(part.name)];
  const entries = await tree.list(folder === '' ? '.' : folder);
  const names = entries.map(({ name }) => name).filter((name) => part.pattern.test(name));
  return names.sort().map(join);
}
