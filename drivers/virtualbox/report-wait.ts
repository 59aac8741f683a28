import type { Host } from 'tmachine/driver';

const reportEveryMs = 3000;

/** Runs `work`, and says every few seconds what is waited for while it is not done. */
export async function reportWait<T>(host: Host, what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const report = (): void =>
    host.emit({ type: 'step.waiting', step: 'driver', what, elapsedMs: Date.now() - startedAt });
  const timer = setInterval(report, reportEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
