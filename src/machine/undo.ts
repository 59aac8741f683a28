import { messageOf } from '../errors/tmachine-error.ts';

/** What has been made so far, so that a failure can take it back. */
export interface UndoList {
  /** Notes how to reverse what was just done. */
  add(what: string, reverse: () => Promise<void>): void;
  /** Reverses everything, last first; a reversal that fails does not stop the others. Returns what could not be undone. */
  run(): Promise<readonly string[]>;
}

/** An empty list. */
export function createUndoList(): UndoList {
  const reversals: { readonly what: string; readonly reverse: () => Promise<void> }[] = [];
  return {
    add(what, reverse) {
      reversals.push({ what, reverse });
    },
    async run() {
      const failures: string[] = [];
      for (const { what, reverse } of reversals.splice(0).reverse()) {
        try {
          await reverse();
        } catch (error) {
          failures.push(`${what}: ${messageOf(error)}`);
        }
      }
      return failures;
    },
  };
}
