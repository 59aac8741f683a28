import { platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isSystemError } from '../errors/tmachine-error.ts';

const maxWaitMs = 2000;

/**
 * Renames, links and deletes. Windows refuses that while anybody has the file open, as another tmachine or a virus scanner
 * does for a moment, so there it is tried again for two seconds. Elsewhere the first answer counts.
 */
export async function retryWhileBusy<T>(work: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0, delayMs = 5; ; waitedMs += delayMs, delayMs *= 2) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || waitedMs >= maxWaitMs) throw error;
      await delay(delayMs);
    }
  }
}

/** Whether Windows refused because somebody has the file open; it says the same where rights are missing. */
export function isBusy(error: unknown): boolean {
  return platform() === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].some((code) => isSystemError(error, code));
}
