import { exitCodes } from './exit-codes.ts';

/** What a foreseen failure carries beside its message. */
export interface FailureDetails {
  /** Stable, upper-case name of the failure, such as `PROGRAM_NOT_FOUND`. */
  readonly code: string;
  /** What the user can do next; shown on a line of its own. */
  readonly hint?: string | undefined;
  /** Defaults to 1. */
  readonly exitCode?: number | undefined;
  readonly cause?: unknown;
}

/** A failure we foresaw. Anything else that is thrown counts as a bug. */
export class TmachineError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TmachineError';
    this.code = details.code;
    this.hint = details.hint;
    this.exitCode = details.exitCode ?? exitCodes.failed;
  }
}

/** True for a Node system error with this code, such as `ENOENT`. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
