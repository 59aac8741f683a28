import type { Readable } from 'node:stream';

/** Reads answers line by line; what comes after a line is kept for the next one. */
export interface LineReader {
  /** The next line without its end, or nothing at the end of input. */
  next(signal: AbortSignal): Promise<string | undefined>;
}

/** A reader over standard input, which is opened at the first question. */
export function createLineReader(open: () => Readable): LineReader {
  let pending = '';
  return {
    async next(signal) {
      for (let end = pending.indexOf('\n'); ; end = pending.indexOf('\n')) {
        if (end >= 0) {
          const line = pending.slice(0, end);
          pending = pending.slice(end + 1);
          return line.replace(/\r$/, '');
        }
        const more = await readChunk(open(), signal);
        if (more === undefined) return undefined;
        pending += more;
      }
    },
  };
}

/** Whether an answer means yes, as docker-machine reads it: anything that begins with a y. */
export function isYes(answer: string | undefined): boolean {
  return answer?.trim().toLowerCase().startsWith('y') ?? false;
}

async function readChunk(stdin: Readable, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted();
  if (stdin.readableEnded || stdin.destroyed) return undefined;
  return await new Promise((resolve, reject) => {
    const stop = (): void => {
      stdin.off('data', onData).off('end', onEnd).off('error', onError).pause();
      signal.removeEventListener('abort', onAbort);
    };
    const onData = (chunk: Buffer): void => {
      stop();
      resolve(chunk.toString());
    };
    const onEnd = (): void => {
      stop();
      resolve(undefined);
    };
    const onError = (error: Error): void => {
      stop();
      reject(error);
    };
    const onAbort = (): void => {
      stop();
      reject(signal.reason);
    };
    stdin.on('data', onData).on('end', onEnd).on('error', onError).resume();
    signal.addEventListener('abort', onAbort);
  });
}
