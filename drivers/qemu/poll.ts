/**
 * Asks `probe` every few milliseconds until it answers true; false when that takes too long. Unlike the host's
 * `waitUntil` it goes on after an interrupt, because cleaning up must.
 */
export async function pollUntil(probe: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const endAt = Date.now() + timeoutMs;
  for (let delayMs = 5; ; delayMs = Math.min(delayMs * 1.5, 200)) {
    if (await probe()) return true;
    if (Date.now() >= endAt) return false;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}
