import { join } from 'node:path';
import { type Host, TmachineError } from 'tmachine/driver';
import { findReason } from './failures.ts';

const tailBytes = 64 * 1024;

/** Written by the VM's own process: the first before it is a VM, the second from then on. */
const logs = ['VBoxHardening.log', 'VBox.log'];

/** Lines that tell of a failure; all others name much that is in order. */
const telling = /VMSetError: |Power up failed|ERROR \[COM\]|\bError -?\d+ in /;

/**
 * What made a VM's process end at once, from its logs: VBoxManage itself says no more than that it did. Any other failure is returned as
 * it is.
 */
export async function explainByLogs(host: Host, logFolder: string, failure: unknown): Promise<unknown> {
  if (!(failure instanceof TmachineError) || failure.code !== 'VBOX_VM_ENDED') return failure;
  const [cannot = ''] = failure.message.split(': ');
  for (const log of logs) {
    const text = await host.files.readTail(join(logFolder, log), tailBytes);
    const stderr = text.split(/\r?\n/).filter((line) => telling.test(line));
    const call = { args: ['startvm'], exitCode: 1, stdout: '', stderr: stderr.join('\n') };
    const known = findReason(call, { machine: '', platform: host.platform });
    if (known !== undefined)
      return new TmachineError(`${cannot}: ${known.reason}`, { code: known.code, hint: known.hint, cause: failure });
  }
  return failure;
}
