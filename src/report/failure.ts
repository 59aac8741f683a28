import { exitCodes } from '../errors/exit-codes.ts';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { paint } from './format.ts';

/** What can be said about something thrown. */
export interface Failure {
  /** `BUG` for what nobody foresaw. */
  readonly code: string;
  readonly message: string;
  /** Messages of what lies behind it, nearest first, without those the message already quotes. */
  readonly causes: readonly string[];
  readonly hint?: string | undefined;
  readonly exitCode: number;
}

/** Anything thrown as a failure that can be shown. */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof TmachineError))
    return { code: 'BUG', message: messageOf(error), causes: [], exitCode: exitCodes.bug };
  const { code, message, hint, exitCode } = error;
  return { code, message, causes: causesOf(error), hint, exitCode };
}

/** A failure as lines for a person: what failed, why, and what to try. */
export function formatFailure(failure: Failure, color: boolean): string {
  const lines = [
    paint(failure.message, 'red', color),
    ...failure.causes.map((cause) => `  because: ${cause.trim().replaceAll('\n', '\n  ')}`),
    ...(failure.hint ?? '')
      .split('\n')
      .filter((hint) => hint !== '')
      .map((hint) => `${paint('Try:', 'bold', color)} ${hint}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** What to tell a user about a bug; `logFile` is missing where none could be written. */
export function formatBug(error: unknown, logFile: string | undefined): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const kept = logFile === undefined ? '' : `\nWhat happened before it is in ${logFile}`;
  return `tmachine met a bug of its own:\n${stack}${kept}\n`;
}

function causesOf(error: TmachineError): readonly string[] {
  const causes: string[] = [];
  const seen = new Set<unknown>([error]);
  let quoted = error.message;
  for (let next = error.cause; next instanceof Error && !seen.has(next); next = next.cause) {
    seen.add(next);
    if (next.message === '' || quoted.includes(next.message)) continue;
    causes.push(next.message);
    quoted += next.message;
  }
  return causes;
}
