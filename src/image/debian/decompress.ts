import { on } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** How a file is compressed, by the ending of its name; the empty one means not at all. */
export type Compression = '' | '.gz' | '.xz' | '.zst';

/** Compressed bytes: in memory, or in a file from `start` up to, but not with, `end` (all of it without them). */
export type CompressedSource =
  | { readonly bytes: Uint8Array }
  | { readonly path: string; readonly start?: number | undefined; readonly end?: number | undefined };

/** Threads that decompress. */
export interface Decompressor extends AsyncDisposable {
  /** How many files keep every thread busy. */
  readonly capacity: number;
  /** The decompressed bytes in order, in pieces of a MiB at most that the caller may keep. */
  decompress(source: CompressedSource, compression: Compression): AsyncGenerator<Uint8Array>;
}

/** How to start. `workers` is as many as there are processors, at most 4, when missing; `signal` ends the threads. */
export interface DecompressorOptions {
  readonly workers?: number | undefined;
  readonly signal: AbortSignal;
}

/** Starts the threads. */
export function openDecompressor({ workers = threadCount(), signal }: DecompressorOptions): Decompressor {
  const threads = Array.from({ length: workers }, () => new Worker(new URL('./decompress-worker.js', import.meta.url)));
  const idle = [...threads];
  const waiting: ((thread: Worker) => void)[] = [];
  const release = (thread: Worker): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(thread);
    else next(thread);
  };
  const end = async (): Promise<void> => {
    signal.removeEventListener('abort', end);
    await Promise.all(threads.map((thread) => thread.terminate()));
  };
  signal.addEventListener('abort', end);
  return {
    capacity: workers,
    async *decompress(source, compression) {
      signal.throwIfAborted();
      const thread = idle.pop() ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)));
      yield* decompressIn(thread, source, compression);
      // A thread whose answer was not read to its end is of no more use, and is not given back.
      release(thread);
    },
    [Symbol.asyncDispose]: end,
  };
}

function threadCount(): number {
  return Math.min(4, availableParallelism());
}

/** The decompressed bytes as one piece. */
export async function decompressWhole(
  decompressor: Decompressor,
  source: CompressedSource,
  compression: Compression,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of decompressor.decompress(source, compression)) pieces.push(piece);
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

type Answer = { readonly piece: Uint8Array } | { readonly done: true } | { readonly failure: string };

async function* decompressIn(
  thread: Worker,
  source: CompressedSource,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  const answers = on(thread, 'message', { close: ['exit'] });
  thread.postMessage({ source, compression });
  for await (const [answer] of answers as AsyncIterable<[Answer]>) {
    if ('done' in answer) return;
    if ('failure' in answer) throw new SyntaxError(answer.failure);
    thread.postMessage('taken');
    yield answer.piece;
  }
  throw new Error('The thread that decompresses ended early');
}
