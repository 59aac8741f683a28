import { TmachineError } from '../../errors/tmachine-error.ts';
import { quoteWord } from '../../ssh/quote.ts';
import { formatPath } from './failures.ts';
import type { FileInfo } from './file-tree.ts';

/** What is copied to where; `info` is what is there. */
export interface TargetRequest {
  readonly source: { readonly path: string; readonly place: string; readonly info: FileInfo };
  readonly target: { readonly path: string; readonly place: string; readonly info: FileInfo | undefined };
  readonly recursive: boolean;
  /** Whether the source is one of several, which only a folder can take. */
  readonly isOneOfMany: boolean;
}

/**
 * The name that the copy gets in the target folder; nothing when the copy is the target itself, which holds for a source that
 * ends in `.`, whose content then goes into the target.
 *
 * @throws TmachineError `COPY_REFUSED`.
 */
export function planTarget({ source, target, recursive, isOneOfMany }: TargetRequest): string | undefined {
  const [from, to] = [formatPath(source.place, source.path), formatPath(target.place, target.path)];
  const isFolder = source.info.kind === 'folder';
  if (isFolder && !recursive) throw refused(`Cannot copy ${from}: it is a folder`, 'copy folders with -r');
  if (target.info?.kind === 'folder') return planName(source.path);
  if (isOneOfMany) throw refused(`Cannot copy several files to ${to}: it is not a folder`, 'make the folder first');
  if (target.info !== undefined && isFolder)
    throw refused(`Cannot copy ${from} to ${to}: the target is a file, not a folder`);
  if (target.info === undefined && !isFolder && target.path.endsWith('/'))
    throw refused(`Cannot copy ${from} to ${to}: there is no such folder`, hintToMake(target));
  return undefined;
}

/** The last name of a path; nothing for `/`, `.`, `..` and what ends in them. */
function planName(path: string): string | undefined {
  const name = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return ['', '.', '..'].includes(name) ? undefined : name;
}

function hintToMake({ place, path }: TargetRequest['target']): string {
  const machine = place.replace(/^.*@|:$/g, '');
  // The guest's shell reads the word a second time.
  const there = `tmachine ssh ${machine} mkdir -p ${quoteWord(quoteWord(path))}`;
  return `make it first: ${machine === '' ? `mkdir -p ${quoteWord(path)}` : there}`;
}

function refused(message: string, hint?: string): TmachineError {
  return new TmachineError(message, { code: 'COPY_REFUSED', hint });
}
