import type { EventBody, MachineEvent } from '../events/event.ts';
import type { Reporter } from '../report/reporter.ts';

/** How many events are remembered for the log of a bug. */
const remembered = 500;

/** Takes events from everywhere, remembers and shows them. The code that shows them is loaded at the first event. */
export interface Reporting {
  emit(machine: string | undefined, event: EventBody): void;
  /** Writes to the terminal in turn with what is drawn there. */
  write(work: () => void): void;
  /** Runs work that owns the terminal: nothing is drawn meanwhile. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  /** Says, when undoing takes a moment, that the interruption was heard. */
  interrupted(): void;
  /** The newest events, secrets included. */
  history(): readonly MachineEvent[];
  /** Resolves once everything is shown and nothing is drawn any more. */
  close(): Promise<void>;
}

/** Starts reporting; `open` makes the reporter. */
export function createReporting(open: () => Promise<Reporter>): Reporting {
  const events: MachineEvent[] = [];
  let reporter: Reporter | undefined;
  let loading: Promise<void> | undefined;
  let waiting: (() => void)[] = [];
  const load = async (): Promise<void> => {
    reporter = await open();
    const turns = waiting;
    waiting = [];
    for (const turn of turns) turn();
  };
  const inTurn = (turn: () => void): void => {
    if (loading !== undefined && reporter === undefined) waiting.push(turn);
    else turn();
  };
  const emit = (machine: string | undefined, body: EventBody): void => {
    const event: MachineEvent = { at: Date.now(), ...(machine === undefined ? {} : { machine }), ...body };
    events.push(event);
    if (events.length > remembered) events.shift();
    loading ??= load();
    inTurn(() => reporter?.report(event));
  };
  const draw = (isAllowed: boolean): void => (isAllowed ? reporter?.resume() : reporter?.suspend());
  return {
    emit,
    write: (work) =>
      inTurn(() => {
        draw(false);
        work();
        draw(true);
      }),
    async aside(work) {
      loading ??= load();
      await loading;
      draw(false);
      try {
        return await work();
      } finally {
        draw(true);
      }
    },
    interrupted() {
      const text = 'Interrupted: undoing what was begun. Press Ctrl-C again to stop at once';
      setTimeout(() => emit(undefined, { type: 'notice', level: 'warning', text }), 300).unref();
    },
    history: () => events,
    async close() {
      await loading;
      reporter?.close();
    },
  };
}
