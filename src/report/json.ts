import type { MachineEvent } from '../events/event.ts';
import type { Failure } from './failure.ts';

/** One event as one line. */
export function formatJsonEvent(event: MachineEvent): string {
  return JSON.stringify(event);
}

/** The failure that ends a command, as the last line; `at` is milliseconds since the epoch. */
export function formatJsonFailure(failure: Failure, at: number): string {
  return JSON.stringify({ at, type: 'failure', ...failure });
}
