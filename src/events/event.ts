/** Everything tmachine can report while it works; `at` is milliseconds since the epoch. */
export type MachineEvent = { readonly machine?: string | undefined; readonly at: number } & EventBody;

/** An event before it is stamped with a machine and a time. */
export type EventBody =
  | { readonly type: 'step.started'; readonly step: string; readonly title: string }
  | {
      readonly type: 'step.progress';
      readonly step: string;
      readonly done: number;
      readonly total?: number | undefined;
      readonly unit: 'bytes' | 'items' | 'attempts';
    }
  | { readonly type: 'step.waiting'; readonly step: string; readonly what: string; readonly elapsedMs: number }
  | { readonly type: 'step.finished'; readonly step: string }
  | { readonly type: 'step.failed'; readonly step: string; readonly message: string }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly text: string }
  | {
      readonly type: 'command.finished';
      readonly commandLine: string;
      readonly exitCode: number | undefined;
      readonly elapsedMs: number;
    }
  /** What a program that works for us says to whoever looks for a fault. */
  | { readonly type: 'program.said'; readonly line: string };

/** Takes one event; never throws. */
export type Emit = (event: EventBody) => void;

/** Runs `work` between `step.started` and `step.finished` (or `step.failed`). */
export async function step<T>(emit: Emit, name: string, title: string, work: () => Promise<T>): Promise<T> {
  emit({ type: 'step.started', step: name, title });
  try {
    const result = await work();
    emit({ type: 'step.finished', step: name });
    return result;
  } catch (error) {
    emit({ type: 'step.failed', step: name, message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
