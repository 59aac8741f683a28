import { TmachineError } from '../../errors/tmachine-error.ts';
import { formatPath } from './failures.ts';
import type { FileTree, SourceFile, TargetFile } from './file-tree.ts';

/** One file to copy. */
export interface FileCopy {
  readonly from: FileTree;
  readonly source: string;
  readonly to: FileTree;
  readonly target: string;
  /** What the source had when it was looked at. */
  readonly size: number;
  /** For a file that is new. */
  readonly mode: number;
}

/** What goes on besides the copying. */
export interface TransferOptions {
  readonly signal: AbortSignal;
  onBytes(count: number): void;
}

/** Pieces of one file that are on the way at once: as much as OpenSSH's window holds. */
const piecesAtOnce = 8;

/** Copies the bytes of a file. The target has its name when all are there, or is left as it was. */
export async function transferFile(copy: FileCopy, options: TransferOptions): Promise<void> {
  const source = await copy.from.openSource(copy.source);
  try {
    const target = await copy.to.openTarget(copy.target, copy.mode);
    try {
      await untilAborted(copyBytes(source, target, copy, options), options.signal);
      await target.keep();
    } catch (error) {
      await within(tidyTimeoutMs, target.discard());
      throw error;
    }
  } finally {
    await within(tidyTimeoutMs, source.close());
  }
}

/** A guest that does not answer any more must not hold up an interruption. */
const tidyTimeoutMs = 3000;

async function copyBytes(source: SourceFile, target: TargetFile, copy: FileCopy, options: TransferOptions) {
  const chunkBytes = Math.min(copy.from.chunkBytes, copy.to.chunkBytes);
  let next = 0;
  const worker = async (): Promise<void> => {
    const scratch = Buffer.allocUnsafeSlow(Math.min(chunkBytes, copy.size));
    while (next < copy.size) {
      options.signal.throwIfAborted();
      const position = next;
      const piece = scratch.subarray(0, copy.size - position);
      next += piece.length;
      if ((await source.read(position, piece)) < piece.length) throw becameShorter(copy);
      await target.write(position, piece);
      options.onBytes(piece.length);
    }
  };
  const workers = Math.min(piecesAtOnce, Math.ceil(copy.size / chunkBytes));
  await Promise.all(Array.from({ length: workers }, worker));
  if (copy.size === 0) await copyUnsized(source, target, { chunkBytes, ...options });
}

/** Files of the kernel, as in /proc, say that they are empty. */
async function copyUnsized(
  source: SourceFile,
  target: TargetFile,
  { chunkBytes, signal, onBytes }: TransferOptions & { readonly chunkBytes: number },
): Promise<void> {
  const scratch = Buffer.allocUnsafe(chunkBytes);
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const length = await source.read(position, scratch);
    if (length === 0) return;
    await target.write(position, scratch.subarray(0, length));
    position += length;
    onBytes(length);
  }
}

function becameShorter({ from, source }: FileCopy): TmachineError {
  return new TmachineError(`Cannot copy ${formatPath(from.place, source)}: it became shorter meanwhile`, {
    code: 'COPY_FAILED',
    hint: 'something writes to it: copy it again',
  });
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
