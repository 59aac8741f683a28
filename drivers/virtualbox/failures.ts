import { TmachineError } from 'tmachine/driver';

/** A failed call of VBoxManage, as it ended. */
export interface FailedCall {
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** VirtualBox's own words turned into one sentence with a hint; the words themselves where we do not know them. */
export function explainVBoxFailure(call: FailedCall): TmachineError {
  const words = [...call.stderr.matchAll(/^\S+: error: (.*)$/gm)].map(([, line]) => line ?? '');
  const said = words[0] ?? call.stderr.trim().split('\n').at(-1) ?? '';
  return new TmachineError(`VBoxManage ${call.args[0] ?? ''} failed: ${said}`, { code: 'VBOXMANAGE_FAILED' });
}
