import { setTimeout as sleep } from 'node:timers/promises';
import { TmachineError } from '../errors/tmachine-error.ts';

/** How stubborn to be: 5 attempts unless told otherwise, with pauses that begin at `retryDelayMs` (500) and double. */
export interface RetryContext {
  readonly signal: AbortSignal;
  readonly attempts?: number | undefined;
  readonly retryDelayMs?: number | undefined;
}

/** A failure that may pass when the request is made again. */
export class TransientFailure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TransientFailure';
  }
}

/** Bytes after which a broken transfer counts as one that gets on. */
const worthAnotherTry = 1024 * 1024;

/**
 * Runs a transfer again when it fails in a way that may pass.
 *
 * @throws TmachineError `DOWNLOAD_FAILED` after the last attempt.
 */
export async function withRetries<T>(
  transfer: { readonly url: string; readonly done: number },
  context: RetryContext,
  work: () => Promise<T>,
): Promise<T> {
  const attempts = context.attempts ?? 5;
  let left = attempts;
  for (;;) {
    const before = transfer.done;
    try {
      return await work();
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof TransientFailure)) throw error;
      left = transfer.done >= before + worthAnotherTry ? attempts : left - 1;
      if (left === 0) throw downloadFailed(transfer.url, `${error.message} (tried ${attempts} times)`, error);
      const delayMs = (context.retryDelayMs ?? 500) * 2 ** (attempts - left - 1);
      await sleep(Math.max(delayMs, 0), undefined, { signal: context.signal });
    }
  }
}

/** The failure to fetch a URL. */
export function downloadFailed(url: string, reason: string, cause?: unknown): TmachineError {
  return new TmachineError(`Cannot download ${url}: ${reason}`, {
    code: 'DOWNLOAD_FAILED',
    hint: 'check the network and the address, then run the same command again: it goes on where this one ended',
    cause,
  });
}
