/** The end of a command that must not take longer, whatever it waits for. */
export interface Deadline extends Disposable {
  readonly timeoutMs: number;
  /** Aborted when the time is up, and when the command is interrupted. */
  readonly signal: AbortSignal;
  /** Whether the time is up. */
  isOver(): boolean;
  isInterrupted(): boolean;
  /** What the work gives, or `late` where the time is up first; rejects when the command is interrupted. What the work does after that is nobody's. */
  race<T, L>(work: Promise<T>, late: () => L): Promise<T | L>;
}

/** What is kept of the time for telling the answer. */
const answerShare = 0.03;

/** Starts the clock; `spentMs` of the time are over already. */
export function startDeadline(timeoutMs: number, outer: AbortSignal, spentMs = 0): Deadline {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), Math.max(0, timeoutMs * (1 - answerShare) - spentMs));
  const passed = new Promise<void>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const interrupted = new Promise<never>((_, reject) => {
    if (outer.aborted) reject(outer.reason);
    outer.addEventListener('abort', () => reject(outer.reason), { once: true });
  });
  interrupted.catch(() => undefined);
  return {
    timeoutMs,
    signal: AbortSignal.any([outer, ending.signal]),
    isOver: () => ending.signal.aborted,
    isInterrupted: () => outer.aborted,
    async race(work, late) {
      work.catch(() => undefined);
      return await Promise.race([work, passed.then(late), interrupted]);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
