import { exitCodes, type Host, TmachineError } from 'tmachine/driver';
import { explainVBoxFailure } from './failures.ts';
import { findVBoxManage } from './find-vboxmanage.ts';
import { parseVBoxVersion, type VBoxVersion } from './version.ts';

/** One call of VBoxManage as data. */
export interface VBoxCall {
  readonly args: readonly string[];
  readonly input?: string | Uint8Array | undefined;
  /** Defaults to 60 s. */
  readonly timeoutMs?: number | undefined;
  /** A failure whose words match this is an answer: `run` then resolves with what was written to both streams. */
  readonly accepts?: RegExp | undefined;
}

/** The one place through which VirtualBox is spoken to. */
export interface VBoxManage {
  /** The absolute path of VBoxManage. */
  readonly program: string;
  /**
   * Makes a call and resolves with its standard output, lines ended by LF.
   *
   * @throws TmachineError explained by `explainVBoxFailure`; `VBOXMANAGE_HANGS` when it does not end in time.
   */
  run(call: VBoxCall): Promise<string>;
  /** VirtualBox's version, asked for at most once. */
  version(): Promise<VBoxVersion>;
  /** A path of ours as VBoxManage names it; another one only under WSL. */
  toProgramPath(path: string): Promise<string>;
}

const defaultTimeoutMs = 60_000;

/**
 * Finds VBoxManage; makes no call.
 *
 * @throws TmachineError `VBOXMANAGE_NOT_FOUND`, exit code 3.
 */
export async function openVBoxManage(host: Host): Promise<VBoxManage> {
  const program = await findVBoxManage(host);
  const run = async (call: VBoxCall): Promise<string> => await runVBoxManage(host, program, call);
  let version: Promise<VBoxVersion> | undefined;
  return {
    program,
    run,
    version: async () => {
      version ??= askVersion(run);
      return await version;
    },
    toProgramPath: async (path) => path,
  };
}

async function runVBoxManage(host: Host, program: string, call: VBoxCall): Promise<string> {
  const { args, input, timeoutMs = defaultTimeoutMs } = call;
  const result = await host.run({ program, args, input, timeoutMs });
  const [stdout, stderr] = [withLf(result.stdout), withLf(result.stderr)];
  if (result.exitCode === 0) return stdout;
  if (call.accepts?.test(stderr)) return stdout + stderr;
  throw explainVBoxFailure({ args, exitCode: result.exitCode, stdout, stderr });
}

function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

async function askVersion(run: (call: VBoxCall) => Promise<string>): Promise<VBoxVersion> {
  const output = await run({ args: ['--version'] });
  const version = parseVBoxVersion(output);
  if (version !== undefined) return version;
  throw new TmachineError(`Cannot use VBoxManage: it does not say its version: ${output.trim()}`, {
    code: 'VBOXMANAGE_BROKEN',
    exitCode: exitCodes.preflight,
    hint: 'install VirtualBox again',
  });
}
