import type { MachineEvent } from '../events/event.ts';

/** Escape sequences for the few styles used; see ECMA-48 SGR. */
const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

/** Text in a style, where colours are wanted. */
export function paint(text: string, style: keyof typeof styles, color: boolean): string {
  return color && text !== '' ? `\u001b[${styles[style]}m${text}\u001b[0m` : text;
}

/** Decimal units, one digit after the point: `12.3 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** power;
  return `${power === 0 ? amount : amount.toFixed(1)} ${units[power]}`;
}

/** `850 ms`, `12.3 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `(dev) ` before what concerns the machine "dev". */
export function machinePrefix(event: Pick<MachineEvent, 'machine'>): string {
  return event.machine === undefined ? '' : `(${event.machine}) `;
}

/** How far a step is; attempts are of no interest to anybody. */
export interface Progress {
  readonly done: number;
  readonly total?: number | undefined;
  readonly unit: 'bytes' | 'items' | 'attempts';
}

/** `12.3 MB of 100.0 MB (12%)`, or nothing for attempts. */
export function formatProgress({ done, total, unit }: Progress): string {
  if (unit === 'attempts') return '';
  const amount = (value: number) => (unit === 'bytes' ? formatBytes(value) : String(value));
  if (total === undefined || total <= 0) return amount(done);
  return `${amount(done)} of ${amount(total)} (${Math.floor((100 * done) / total)}%)`;
}

/** One line for a program that was run. */
export function formatCommand(event: MachineEvent & { type: 'command.finished' }): string {
  const status = event.exitCode === undefined ? 'did not end' : `exit ${event.exitCode}`;
  return `${machinePrefix(event)}DBG | ${event.commandLine} (${status}, ${formatDuration(event.elapsedMs)})`;
}

/** One line that such a program said. */
export function formatSaid(event: MachineEvent & { type: 'program.said' }): string {
  return `${machinePrefix(event)}DBG | ${event.line}`;
}
