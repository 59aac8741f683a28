import { basename } from 'node:path';
import { TmachineError } from 'tmachine/driver';
import { callUntilSettled, type VBoxCaller } from './call-until-settled.ts';
import { formatGoal } from './format-goal.ts';
import { planLock } from './plan-lock.ts';
import { reportWait } from './report-wait.ts';
import type { VBoxCall } from './vboxmanage.ts';

/** Makes a call when it is its turn, as `VBoxManage.run` promises. */
export async function callInTurn(caller: VBoxCaller, call: VBoxCall): Promise<string> {
  const { host } = caller;
  const lock = planLock(call.args);
  if (lock === undefined) return await callUntilSettled(caller, call);
  let isOurTurn = false;
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const answer = host.withLock(lock, async () => {
    isOurTurn = true;
    begin();
    return await callUntilSettled(caller, call);
  });
  try {
    await reportWait(
      host,
      'another call of VBoxManage about the machine',
      async () => await Promise.race([begun, answer]),
    );
    return await answer;
  } catch (error) {
    if (isOurTurn || !(error instanceof TmachineError)) throw error;
    // Machines on a disk that is full or read-only must still be told of and removed.
    if (error.code === 'NOT_WRITABLE' || error.code === 'DISK_FULL') return await callUntilSettled(caller, call);
    throw busy(`Cannot ${formatGoal(call.args, basename(host.directory))}`, error);
  }
}

function busy(cannot: string, error: TmachineError): TmachineError {
  return new TmachineError(`${cannot}: another call of VBoxManage about it does not end: ${error.message}`, {
    code: error.code,
    hint: error.hint,
    cause: error,
  });
}
