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
  const turns = createTurns(open);
  const emit = (machine: string | undefined, body: EventBody): void => {
    const event: MachineEvent = { at: Date.now(), ...(machine === undefined ? {} : { machine }), ...body };
    events.push(event);
    if (events.length > remembered) events.shift();
    turns.open();
    turns.take((reporter) => reporter?.report(event));
  };
  return {
    emit,
    write: (work) =>
      turns.take((reporter) => {
        reporter?.suspend();
        work();
        reporter?.resume();
      }),
    async aside(work) {
      const reporter = await turns.open();
      reporter.suspend();
      try {
        return await work();
      } finally {
        reporter.resume();
      }
    },
    interrupted() {
      const text = 'Interrupted: undoing what was begun. Press Ctrl-C again to stop at once';
      setTimeout(() => emit(undefined, { type: 'notice', level: 'warning', text }), 300).unref();
    },
    history: () => events,
    close: () => turns.close(),
  };
}

/** Keeps everything that is written in its order while the reporter is being loaded. */
interface Turns {
  open(): Promise<Reporter>;
  /** At once where nothing is being loaded; then without a reporter, where none was ever needed. */
  take(turn: (reporter: Reporter | undefined) => void): void;
  close(): Promise<void>;
}

function createTurns(load: () => Promise<Reporter>): Turns {
  let loading: Promise<Reporter> | undefined;
  let loaded: Reporter | undefined;
  const waiting: ((reporter: Reporter) => void)[] = [];
  const open = async (): Promise<Reporter> => {
    const reporter = await load();
    loaded = reporter;
    for (const turn of waiting.splice(0)) turn(reporter);
    return reporter;
  };
  return {
    open() {
      loading ??= open();
      return loading;
    },
    take(turn) {
      if (loading === undefined || loaded !== undefined) turn(loaded);
      else waiting.push(turn);
    },
    async close() {
      (await loading)?.close();
    },
  };
}
