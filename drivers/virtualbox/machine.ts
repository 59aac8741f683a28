import type { Host } from 'tmachine/driver';
import type { VirtualBoxData } from './data.ts';
import type { VirtualBoxFiles } from './files.ts';
import type { VBoxManage } from './vboxmanage.ts';

/** How long we wait, in milliseconds. */
export interface VirtualBoxLimits {
  /** For the guest to power off after its button was pressed. */
  readonly stopMs: number;
  /** The button is pressed again after this long: a guest that is just booting misses the first time. */
  readonly pressAgainMs: number;
  /** For a VM to reach a state that VirtualBox itself brings about, such as powered off, and for its session to be closed. */
  readonly settleMs: number;
  /** For VirtualBox to listen on the SSH port, or to write that it cannot. */
  readonly portMs: number;
}

/** Limits that fit a slow computer. */
export const defaultLimits: VirtualBoxLimits = {
  stopMs: 120_000,
  pressAgainMs: 10_000,
  settleMs: 15_000,
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
  /** VBoxManage, looked for once. */
  vboxManage(): Promise<VBoxManage>;
  /** What VBoxManage is told to mean this VM: its identity, or docker-machine's machine name while that is not known. */
  vm(): string;
}
