import { isSystemError } from '../errors/tmachine-error.ts';
import { isSameProcess, type ProcessIdentity } from './process-identity.ts';

/** Sends a signal to exactly this process. Nothing happens when it is gone, even if its pid has a new owner. */
export async function signalProcess(
  identity: ProcessIdentity,
  signal: 'SIGTERM' | 'SIGKILL',
  platform: NodeJS.Platform,
): Promise<void> {
  if (!(await isSameProcess(identity, platform))) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (!isSystemError(error, 'ESRCH')) throw error;
  }
}
