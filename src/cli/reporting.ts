import type { EventBody, MachineEvent } from '../events/event.ts';
import { redact } from '../events/redact.ts';
import type { ReportStyle } from '../report/choose.ts';
import { createReporter, type Reporter } from '../report/reporter.ts';

/** How many events are remembered for the log of a bug. */
const remembered = 500;

/** Takes events from everywhere, hides secrets in them, remembers them and shows them. */
export interface Reporting {
  emit(machine: string | undefined, event: EventBody): void;
  /** Runs work that writes to the terminal itself. */
  aside<T>(work: () => T): T;
  /** Nothing is drawn between these two; pairs may be nested. */
  suspend(): void;
  resume(): void;
  /** Says, when undoing takes a moment, that the interruption was heard. */
  interrupted(): void;
  history(): readonly MachineEvent[];
  close(): void;
}

/** Starts reporting to standard error. */
export function createReporting(stderr: NodeJS.WriteStream, style: ReportStyle, debug: boolean): Reporting {
  const output = { write: (text: string) => void stderr.write(text), columns: () => stderr.columns || 80 };
  const events: MachineEvent[] = [];
  let reporter: Reporter | undefined;
  let holders = 0;
  const suspend = (): void => {
    holders += 1;
    if (holders === 1) reporter?.suspend();
  };
  const resume = (): void => {
    holders -= 1;
    if (holders === 0) reporter?.resume();
  };
  const emit = (machine: string | undefined, body: EventBody): void => {
    const event = redact<MachineEvent>({ at: Date.now(), ...(machine === undefined ? {} : { machine }), ...body });
    events.push(event);
    if (events.length > remembered) events.shift();
    if (reporter === undefined) {
      reporter = createReporter(style, output, debug);
      if (holders > 0) reporter.suspend();
    }
    reporter.report(event);
  };
  return {
    emit,
    interrupted() {
      const text = 'Interrupted: undoing what was begun. Press Ctrl-C again to stop at once';
      setTimeout(() => emit(undefined, { type: 'notice', level: 'warning', text }), 300).unref();
    },
    aside(work) {
      suspend();
      try {
        return work();
      } finally {
        resume();
      }
    },
    suspend,
    resume,
    history: () => events,
    close: () => reporter?.close(),
  };
}
