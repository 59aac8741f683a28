import type { Host } from 'tmachine/driver';
import type { VirtualBoxData } from './data.ts';
import type { VirtualBoxFiles } from './files.ts';
import type { VBoxManage } from './vboxmanage.ts';

/** How long we wait, in milliseconds. */
export interface VirtualBoxLimits {
  /** For `startvm`, which reads a saved machine's memory. */
  readonly startMs: number;
  /** For the copy of a disk that is imported. */
  readonly copyMs: number;
  /** For the guest to power off after its button was pressed. */
  readonly stopMs: number;
  /** The button is pressed again after this long: a guest that is just booting misses the first time. */
  readonly pressAgainMs: number;
  /** Between two questions for the state of a VM that is powering off, at most. */
  readonly askMs: number;
  /** VirtualBox closes a VM's ports this long before the VM is off. */
  readonly closingMs: number;
  /** For a TCP connection to a guest that runs. */
  readonly connectMs: number;
  /** For VirtualBox to listen on the SSH port, or to write that it cannot. */
  readonly portMs: number;
}

/** Limits that fit a slow computer. */
export const defaultLimits: VirtualBoxLimits = {
  startMs: 180_000,
  copyMs: 30 * 60_000,
  stopMs: 120_000,
  pressAgainMs: 5000,
  askMs: 1000,
  closingMs: 60,
  connectMs: 250,
  portMs: 10_000,
};

/** One machine, as the parts of this driver share it. */
export interface VirtualBoxMachine {
  readonly name: string;
  readonly host: Host;
  readonly files: VirtualBoxFiles;
  readonly limits: VirtualBoxLimits;
  data(): VirtualBoxData;
  /** Changes the data and stores them at once. */
  update(change: Partial<VirtualBoxData>): Promise<void>;
  /** Changes the data; they are stored when the command that changes the machine ends. */
  learn(change: Partial<VirtualBoxData>): void;
  /** VBoxManage, looked for once. */
  vboxManage(): Promise<VBoxManage>;
  /** What VBoxManage is told to mean this VM: its identity, or docker-machine's machine name while that is not known. */
  vm(): string;
}
