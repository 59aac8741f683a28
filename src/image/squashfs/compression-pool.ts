import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** How blocks are compressed. */
export interface CompressionOptions {
  /** zstd's level, 1 to 19. */
  readonly level: number;
  /** Size of the largest block in bytes. */
  readonly blockSize: number;
  /** Number of threads; the bytes do not depend on it. */
  readonly workers?: number | undefined;
}

/** Threads that compress blocks with zstd. */
export interface CompressionPool extends AsyncDisposable {
  /** How many blocks keep every thread busy. */
  readonly capacity: number;
  /** The block as one zstd frame. It is copied first, so the caller may reuse its memory. */
  compress(block: Uint8Array): Promise<Uint8Array>;
}

/** Metadata is compressed in blocks of this size whatever the size of the others. */
export const metadataBlockSize: number = 8192;

interface Job {
  readonly block: Uint8Array<ArrayBuffer>;
  readonly resolve: (compressed: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

interface Queue {
  readonly waiting: Job[];
  /** Why no more blocks can be compressed. */
  failure?: unknown;
}

/** Starts the threads: as many as there are processors, at most 4, where the number is not given. */
export function openCompressionPool(options: CompressionOptions): CompressionPool {
  const size = options.workers ?? Math.min(4, availableParallelism());
  const queue: Queue = { waiting: [] };
  const threads = Array.from({ length: size }, () => startThread(options, queue));
  return {
    capacity: size * 2,
    compress: (block) =>
      new Promise((resolve, reject) => {
        if (queue.failure !== undefined) return reject(queue.failure);
        queue.waiting.push({ block: new Uint8Array(block), resolve, reject });
        for (const thread of threads) thread.takeNext();
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}

interface Thread {
  takeNext(): void;
  end(): Promise<unknown>;
}

function startThread(options: CompressionOptions, queue: Queue): Thread {
  const worker = new Worker(new URL('./compress-worker.js', import.meta.url), {
    workerData: { level: options.level, blockSize: Math.max(options.blockSize, metadataBlockSize) },
  });
  let current: Job | undefined;
  const takeNext = (): void => {
    if (current !== undefined) return;
    current = queue.waiting.shift();
    if (current !== undefined) worker.postMessage(current.block, [current.block.buffer]);
  };
  worker.on('message', (compressed: Uint8Array) => {
    const finished = current;
    current = undefined;
    takeNext();
    finished?.resolve(compressed);
  });
  worker.on('error', (error) => {
    queue.failure = error;
    current?.reject(error);
    for (const job of queue.waiting.splice(0)) job.reject(error);
  });
  return { takeNext, end: () => worker.terminate() };
}
