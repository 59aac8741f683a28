import { exitCodes, type Host, TmachineError } from 'tmachine/driver';
import { callInTurn } from './call-in-turn.ts';
import { openDecoder } from './code-page.ts';
import { findVBoxManage } from './find-vboxmanage.ts';
import { openPaths, type VBoxPaths } from './vbox-paths.ts';
import { parseVBoxVersion, type VBoxVersion } from './version.ts';

/** One call of VBoxManage as data. */
export interface VBoxCall {
  readonly args: readonly string[];
  readonly input?: string | Uint8Array | undefined;
  /** Defaults to what suits the verb: a minute, more for `startvm` and for calls that move whole disks. */
  readonly timeoutMs?: number | undefined;
  /**
   * A failure whose code (such as `VBOX_VM_NOT_FOUND`, in any language) or words match this is an answer: `run` then resolves with what
   * was written to both streams.
   */
  readonly accepts?: RegExp | undefined;
}

/** The one place through which VirtualBox is spoken to. */
export interface VBoxManage extends VBoxPaths {
  /** The absolute path of VBoxManage. */
  readonly program: string;
  /**
   * Makes a call and resolves with its standard output: lines end with LF, and warnings before the answer are left out. Calls about one
   * VM take turns, also with other processes of this store. What VirtualBox refuses for a moment only is asked for again.
   *
   * @throws TmachineError explained by `explainVBoxFailure`; `VBOXMANAGE_HANGS` or `VBOXMANAGE_KILLED` when it does not run to its end.
   */
  run(call: VBoxCall): Promise<string>;
  /**
   * VirtualBox's version, asked for at most once.
   *
   * @throws TmachineError `VBOXMANAGE_BROKEN`, exit code 3, when it names none.
   */
  version(): Promise<VBoxVersion>;
  /** What the newest answer was preceded by, such as that kernel modules are missing; empty on most computers. */
  warning(): string;
}

/**
 * Finds VBoxManage; makes no call.
 *
 * @throws TmachineError `VBOXMANAGE_NOT_FOUND`, exit code 3.
 */
export async function openVBoxManage(host: Host): Promise<VBoxManage> {
  const program = await findVBoxManage(host);
  let warning = '';
  const caller = {
    host,
    program,
    decoder: openDecoder(host, program),
    warned: (words: string) => {
      warning = words;
    },
  };
  const run = async (call: VBoxCall): Promise<string> => await callInTurn(caller, call);
  let version: Promise<VBoxVersion> | undefined;
  return {
    ...openPaths(host, program),
    program,
    run,
    version: async () => {
      version ??= askVersion(run);
      return await version;
    },
    warning: () => warning,
  };
}

async function askVersion(run: VBoxManage['run']): Promise<VBoxVersion> {
  const output = await run({ args: ['--version'] });
  const version = parseVBoxVersion(output);
  if (version !== undefined) return version;
  throw new TmachineError(`Cannot use VBoxManage: it does not say its version: ${output.trim()}`, {
    code: 'VBOXMANAGE_BROKEN',
    exitCode: exitCodes.preflight,
    hint: 'install VirtualBox again',
  });
}
