import { basename } from 'node:path';
import { type Host, TmachineError } from 'tmachine/driver';
import type { OutputDecoder } from './code-page.ts';
import { explainVBoxFailure, type FailedCall, type FailurePlace, findReason } from './failures.ts';
import { formatGoal } from './format-goal.ts';
import { parseAnswer } from './parse-answer.ts';
import { planEnvironment } from './plan-environment.ts';
import { planWait } from './plan-wait.ts';
import { reportWait } from './report-wait.ts';
import type { VBoxCall } from './vboxmanage.ts';

/** What all calls on behalf of one machine share. */
export interface VBoxCaller {
  readonly host: Host;
  readonly program: string;
  readonly decoder: OutputDecoder;
  /** Told what was written before each answer. */
  warned(warning: string): void;
}

/** How long VBoxManage may take, in milliseconds; bulk calls copy, write or delete whole disks or memories. */
const limits = { callMs: 60_000, startMs: 180_000, bulkMs: 900_000 };
const bulkVerbs = [
  'convertfromraw',
  'clonemedium',
  'clonehd',
  'clonevm',
  'unregistervm',
  'import',
  'movevm',
  'snapshot',
];

/** Makes a call, and makes it again while the failure is one that passes. */
export async function callUntilSettled(caller: VBoxCaller, call: VBoxCall): Promise<string> {
  const startedAt = Date.now();
  const place = placeOf(caller.host);
  let answer = await callOnce(caller, call);
  if (typeof answer === 'string') return answer;
  const wait = planWait(answer);
  if (wait === undefined) throw explainVBoxFailure(answer, place);
  const again = async (): Promise<string | undefined> => {
    answer = await callOnce(caller, call);
    if (typeof answer === 'string') return answer;
    const patienceMs = planWait(answer)?.patienceMs ?? 0;
    if (Date.now() - startedAt >= patienceMs) throw explainVBoxFailure(answer, place);
    return undefined;
  };
  return await caller.host.waitUntil(wait.what, wait.patienceMs, again).catch((error: unknown) => {
    const isOver = error instanceof TmachineError && error.code === 'TIMED_OUT' && typeof answer !== 'string';
    throw isOver ? explainVBoxFailure(answer as FailedCall, place) : error;
  });
}

async function callOnce({ host, program, decoder, warned }: VBoxCaller, call: VBoxCall): Promise<string | FailedCall> {
  const { args, input, timeoutMs = limitOf(args) } = call;
  const env = planEnvironment(host.platform, host.env, program);
  const command = { program, args, input, timeoutMs, env, encoding: decoder.encoding };
  const result = await reportWait(host, `VBoxManage ${args[0] ?? ''}`, async () => await host.run(command)).catch(
    (error: unknown) => {
      throw explainEnd(`Cannot ${formatGoal(args, placeOf(host).machine)}`, error);
    },
  );
  const { stdout, stderr, warning } = parseAnswer({
    stdout: await decoder.decode(result.stdout),
    stderr: await decoder.decode(result.stderr),
  });
  warned(warning);
  if (!isFailure(args, result.exitCode, stderr)) return stdout;
  const failed = { args, exitCode: result.exitCode, stdout: warning + stdout, stderr };
  const isAccepted = call.accepts?.test(`${findReason(failed, placeOf(host))?.code ?? ''}\n${stderr}`) === true;
  return isAccepted ? stdout + stderr : failed;
}

function placeOf({ directory, platform }: Host): FailurePlace {
  return { machine: basename(directory), platform };
}

/**
 * VBoxManage sometimes ends with 0 after an error. A listing that tells of an inaccessible VM does so, too, and is complete all the same,
 * unless it was disturbed.
 */
function isFailure(args: readonly string[], exitCode: number, stderr: string): boolean {
  if (exitCode !== 0) return true;
  if (!/^\S*vbox\w*(?:\.exe)?: error:/im.test(stderr)) return false;
  return args[0] !== 'list' || planWait({ args, stderr }) !== undefined;
}

function limitOf(args: readonly string[]): number {
  if (args[0] === 'startvm') return limits.startMs;
  return bulkVerbs.includes(args[0] ?? '') || args[2] === 'savestate' ? limits.bulkMs : limits.callMs;
}

function explainEnd(cannot: string, error: unknown): unknown {
  if (!(error instanceof TmachineError)) return error;
  if (error.code === 'PROGRAM_TIMED_OUT')
    return new TmachineError(`${cannot}: VirtualBox does not answer: ${error.message}`, {
      code: 'VBOXMANAGE_HANGS',
      hint: 'close VirtualBox’s windows, end the processes VBoxManage and VBoxSVC, then try again',
      cause: error,
    });
  if (error.code !== 'PROGRAM_KILLED') return error;
  return new TmachineError(`${cannot}: ${error.message}`, {
    code: 'VBOXMANAGE_KILLED',
    hint: 'it was ended by something else than tmachine; try again',
    cause: error,
  });
}
