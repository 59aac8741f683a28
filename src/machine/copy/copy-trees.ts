import { TmachineError } from '../../errors/tmachine-error.ts';
import { isSshFailure } from '../../ssh/failures.ts';
import type { MachineContext } from '../context.ts';
import { throwFailures } from '../each.ts';
import { expandPath } from './expand.ts';
import { fileFailure, formatPath } from './failures.ts';
import type { FileInfo, FileTree } from './file-tree.ts';
import { planTarget } from './plan-target.ts';
import { type ScannedEntry, scanTree } from './scan.ts';
import { transferFile } from './transfer.ts';

/** A path in a tree. */
export interface Place {
  readonly tree: FileTree;
  readonly path: string;
  /** Whether `*` and its like in the path stand for other characters. */
  readonly hasWildcards: boolean;
}

/** From where to where. */
export interface TreesRequest {
  readonly from: Place;
  readonly to: Place;
  readonly recursive: boolean;
}

/** Copies what the source stands for. One file that fails stops no other; in the end all failures are thrown together. */
export async function copyTrees(
  request: TreesRequest,
  context: Pick<MachineContext, 'emit' | 'signal'>,
): Promise<void> {
  const { from, to } = request;
  const failures: unknown[] = [];
  const items = (await planItems(request, failures)).filter(isDistinct());
  const options = { signal: context.signal, onBytes: countBytes(items, context) };
  const made: { readonly path: string; readonly mode: number }[] = [];
  const run = async (item: CopyItem): Promise<void> => {
    try {
      context.signal.throwIfAborted();
      if (item.info.kind === 'folder') await makeFolder(to.tree, item, made);
      else {
        const { path: source, info, target } = item;
        await transferFile({ from: from.tree, source, to: to.tree, target, ...info }, options);
      }
    } catch (error) {
      if (stopsAll(error, context.signal)) throw error;
      failures.push(error);
    }
  };
  // In their order, because a folder must be there before what is in it.
  for (const item of items) if (item.info.kind === 'folder') await run(item);
  await inParallel(
    items.filter(({ info }) => info.kind === 'file'),
    run,
  );
  // Last, because a folder may forbid its owner to write in it.
  for (const { path, mode } of made.reverse()) await to.tree.setMode(path, mode);
  throwFailures(failures.map((error) => ({ name: '', error })));
}

/** Something to copy, and where to. */
interface CopyItem extends ScannedEntry {
  readonly target: string;
}

async function planItems({ from, to, recursive }: TreesRequest, failures: unknown[]): Promise<readonly CopyItem[]> {
  const paths = from.hasWildcards ? await expandPath(from.tree, from.path) : [from.path];
  const targetInfo = await to.tree.info(to.path);
  const items: CopyItem[] = [];
  for (const path of paths)
    try {
      const info = await requireInfo(from.tree, path);
      const source = { path, place: from.tree.place, info };
      const target = { path: to.path, place: to.tree.place, info: targetInfo };
      const name = planTarget({ source, target, recursive, isOneOfMany: paths.length > 1 });
      const scanned = await scanTree(from.tree, path, info);
      failures.push(...scanned.failures);
      const top = name === undefined ? to.path : join(to.tree, to.path, name);
      for (const entry of scanned.entries)
        items.push({ ...entry, target: entry.names.reduce((folder, each) => join(to.tree, folder, each), top) });
    } catch (error) {
      if (paths.length === 1 || isSshFailure(error)) throw error;
      failures.push(error);
    }
  return items;
}

async function requireInfo(tree: FileTree, path: string): Promise<FileInfo> {
  const info = await tree.info(path);
  if (info !== undefined) return info;
  throw fileFailure({ verb: 'read', place: tree.place, path }, undefined, 'missing');
}

function join(tree: FileTree, folder: string, name: string): string {
  tree.checkName(name);
  return tree.join(folder, name);
}

/** Two sources of one name would write the same file at once: the first one counts. */
function isDistinct(): (item: CopyItem) => boolean {
  const seen = new Set<string>();
  return ({ target, info }) => {
    const isNew = !seen.has(target);
    seen.add(target);
    return isNew || info.kind === 'folder';
  };
}

async function makeFolder(
  tree: FileTree,
  { target, info }: CopyItem,
  made: { readonly path: string; readonly mode: number }[],
): Promise<void> {
  const found = await tree.info(target);
  if (found?.kind === 'folder') return;
  if (found !== undefined)
    throw new TmachineError(`Cannot make the folder ${formatPath(tree.place, target)}: it is a file`, {
      code: 'COPY_FAILED',
    });
  await tree.makeFolder(target);
  made.push({ path: target, mode: info.mode });
}

/** After these no other file would fare better. */
function stopsAll(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted || isSshFailure(error) || !(error instanceof TmachineError)) return true;
  return ['DISK_FULL', 'SFTP_GARBLED', 'SFTP_CLOSED'].includes(error.code);
}

const filesAtOnce = 8;

async function inParallel(items: readonly CopyItem[], work: (item: CopyItem) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: filesAtOnce }, worker));
}

const reportEveryMs = 100;

function countBytes(items: readonly CopyItem[], { emit }: Pick<MachineContext, 'emit'>): (count: number) => void {
  const total = items.reduce((sum, { info }) => sum + (info.kind === 'file' ? info.size : 0), 0);
  let done = 0;
  let reportedAt = 0;
  return (count) => {
    done += count;
    const now = Date.now();
    if (now - reportedAt < reportEveryMs && done < total) return;
    reportedAt = now;
    emit({ type: 'step.progress', step: 'copy', done, total, unit: 'bytes' });
  };
}
