import type { Emit } from '../events/event.ts';
import type { Guest } from '../ssh/guest.ts';

/** Certificates are valid from five minutes before they are made, so a smaller difference hurts nobody. */
const toleratedMs = 60_000;

/**
 * Sets the clock of a guest that is more than a minute off to this computer's, the hardware clock behind it included,
 * which our own guest follows. Resolves with how far it was off (milliseconds, positive when ahead) where it was set.
 */
export async function correctClock(guest: Guest, emit: Emit): Promise<number | undefined> {
  const askedAt = Date.now();
  const { stdout } = await guest.run(askTime);
  return await setClockRight(guest, emit, offOf(stdout, askedAt));
}

/** Prints a guest's time as a line of its own. */
export const askTime = 'date -u +%s';

/** How far a guest's clock is off in milliseconds, positive when ahead, from an output that ends with its time; nothing where it tells none. */
export function offOf(output: string, askedAt: number): number | undefined {
  const [, seconds] = /(?:^|\n)(\d+)\s*$/.exec(output) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000 - (askedAt + Date.now()) / 2;
}

/** As `correctClock`, for a clock that has been asked. */
export async function setClockRight(guest: Guest, emit: Emit, offMs: number | undefined): Promise<number | undefined> {
  if (offMs === undefined || Math.abs(offMs) <= toleratedMs) return undefined;
  const script = `sudo -n date -u -s @${Math.round(Date.now() / 1000)} >/dev/null && { sudo -n hwclock -w -u 2>/dev/null || true; }`;
  const set = await guest.run(script);
  const apart = formatSpan(Math.abs(offMs));
  const direction = offMs > 0 ? 'ahead of' : 'behind';
  const text = `The clock of the machine was ${apart} ${direction} that of this computer`;
  if (set.exitCode !== 0) {
    emit({ type: 'notice', level: 'warning', text: `${text}, and cannot be set: ${set.stderr.trim()}` });
    return undefined;
  }
  emit({ type: 'notice', level: 'info', text: `${text}: it is set right` });
  return offMs;
}

/** A time span in its largest whole unit. */
function formatSpan(spanMs: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const;
  const [unit, unitMs] = units.find(([, ms]) => spanMs >= ms) ?? units[2];
  const count = Math.round(spanMs / unitMs);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
