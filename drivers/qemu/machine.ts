import type { Host } from 'tmachine/driver';
import type { QemuData } from './data.ts';
import type { QemuFiles } from './files.ts';

/** How long we wait, in milliseconds. */
export interface QemuLimits {
  /** For the guest to power off after its button was pressed. */
  readonly stopMs: number;
  /** The button is pressed again after this long: a guest that is just booting misses the first time. */
  readonly pressAgainMs: number;
  /** A guest under hardware acceleration that neither writes to its console nor reads its image this long is hung. */
  readonly silenceMs: number;
  /** For one answer of QEMU's monitor. */
  readonly monitorMs: number;
  /** For QEMU to come up, and for a process to end after each way of asking. */
  readonly processMs: number;
}

/** Limits that fit a slow computer. */
export const defaultLimits: QemuLimits = {
  stopMs: 60_000,
  pressAgainMs: 1000,
  silenceMs: 10_000,
  monitorMs: 5000,
  processMs: 5000,
};

/** One machine, as the parts of this driver share it. */
export interface QemuMachine {
  readonly name: string;
  readonly host: Host;
  readonly files: QemuFiles;
  readonly limits: QemuLimits;
  data(): QemuData;
  /** Changes the data and stores them at once. */
  update(change: Partial<QemuData>): Promise<void>;
}
