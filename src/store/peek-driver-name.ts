import { readFileSync } from 'node:fs';
import type { StoreLayout } from './layout.ts';

/**
 * The driver's name as it stands in a machine's file, which is not read as a record: someone waits at a prompt, and for a few
 * small files at once this is several times as quick. Nothing where there is no such name, or none that can be shown as it is.
 */
export function peekDriverName(layout: StoreLayout, machine: string): string | undefined {
  try {
    const text = readFileSync(layout.machine(machine).config, 'utf8');
    return /"DriverName"\s*:\s*"([\w.-]+)"/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}
