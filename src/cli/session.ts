import { exitCodes } from '../errors/exit-codes.ts';
import { isSystemError, messageOf, TmachineError } from '../errors/tmachine-error.ts';
import type { ProgramProcess } from './main.ts';

/** What lasts from the first word of the command line to the exit. */
export interface Session {
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP; the second one ends the process at once. */
  readonly signal: AbortSignal;
  /** Rejects when something is thrown that nobody waits for, or an output cannot be written. */
  readonly trouble: Promise<never>;
  /** Resolves once both outputs have taken everything, or are broken. */
  flush(): Promise<void>;
}

const endings: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Starts to listen to signals and errors of the process. `onInterrupt` is called at the first signal. */
export function openSession(process: ProgramProcess, onInterrupt: () => void): Session {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort(new TmachineError('Interrupted', { code: 'INTERRUPTED', exitCode: exitCodes.interrupted }));
    onInterrupt();
  };
  for (const ending of endings) process.on(ending, interrupt);
  const trouble = new Promise<never>((_, reject) => {
    process.on('uncaughtException', reject);
    process.on('unhandledRejection', reject);
    process.stdout.on('error', (error) => reportBroken(error, reject));
    process.stderr.on('error', () => undefined);
  });
  trouble.catch(() => undefined);
  const flush = async (): Promise<void> => {
    await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  };
  return { signal: controller.signal, trouble, flush };
}

/** A reader that has seen enough, such as `head`, is no failure: the work goes on, unread. */
function reportBroken(error: Error, reject: (reason: unknown) => void): void {
  if (isSystemError(error, 'EPIPE')) return;
  const message = `Cannot write to standard output: ${messageOf(error)}`;
  reject(new TmachineError(message, { code: 'OUTPUT_FAILED', cause: error }));
}
