import type { DriverSources } from '../driver/registry.ts';
import type { Emit } from '../events/event.ts';
import type { Environment } from '../host/environment.ts';
import type { MachineStore } from '../store/machine-store.ts';

/** What the verbs on machines share; the command line's tools have this shape. */
export interface MachineContext extends DriverSources {
  readonly store: MachineStore;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Absolute folder that relative paths of options start from. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly globals: GlobalChoices;
  readonly emit: Emit;
  emitFor(machine: string): Emit;
}

/** Global options that machines depend on; empty text means not given. */
export interface GlobalChoices {
  readonly tlsCaCert: string;
  readonly tlsCaKey: string;
  readonly tlsClientCert: string;
  readonly tlsClientKey: string;
  readonly sshClient: 'native' | 'external';
}
