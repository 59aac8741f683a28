import { setTimeout as sleep } from 'node:timers/promises';
import { TmachineError } from '../errors/tmachine-error.ts';

/** How long and how often to look. Polls start at `firstDelayMs` and back off to `maxDelayMs`. */
export interface WaitOptions {
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly firstDelayMs?: number | undefined;
  readonly maxDelayMs?: number | undefined;
  /** Called before each pause, so that a reporter can say what is awaited. */
  readonly onWait?: ((elapsedMs: number) => void) | undefined;
}

/**
 * Asks `probe` until it answers with something other than `undefined` or `false`.
 *
 * @throws TmachineError `TIMED_OUT` naming what was awaited.
 */
export async function waitUntil<T>(probe: () => Promise<T | undefined | false>, options: WaitOptions): Promise<T> {
  const startedAt = Date.now();
  let delayMs = options.firstDelayMs ?? 50;
  for (;;) {
    options.signal.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    const elapsedMs = Date.now() - startedAt;
    if (elapsedMs >= options.timeoutMs)
      throw new TmachineError(`Waited ${Math.round(elapsedMs / 1000)} s for ${options.what}, in vain`, {
        code: 'TIMED_OUT',
      });
    options.onWait?.(elapsedMs);
    await sleep(Math.min(delayMs, options.timeoutMs - elapsedMs), undefined, { signal: options.signal });
    delayMs = Math.min(delayMs * 1.5, options.maxDelayMs ?? 3000);
  }
}
