import { TmachineError } from 'tmachine/driver';
import { codedFailures } from './coded-failures.ts';
import type { FailurePattern } from './failure-pattern.ts';
import { formatGoal } from './format-goal.ts';
import { hostFailures } from './host-failures.ts';
import { networkFailures } from './network-failures.ts';
import { usageFailures } from './usage-failures.ts';
import { vmFailures } from './vm-failures.ts';

/** A failed call of VBoxManage, as it ended. */
export interface FailedCall {
  readonly args: readonly string[];
  readonly exitCode: number;
  /** With the warnings before the answer. */
  readonly stdout: string;
  readonly stderr: string;
}

/** On whose behalf a call was made, and where. */
export interface FailurePlace {
  readonly machine: string;
  readonly platform: NodeJS.Platform;
}

/** Why VirtualBox refused, with what to do about it. */
export interface VBoxReason {
  readonly code: string;
  readonly reason: string;
  readonly hint: string | undefined;
}

/** From the particular to the general: the computer's troubles show as a network's or a machine's. */
const patterns: readonly FailurePattern[] = [
  ...hostFailures,
  ...networkFailures,
  ...vmFailures,
  ...codedFailures,
  ...usageFailures,
];

/** VirtualBox's words turned into one sentence with a hint; the words themselves where we do not know them. */
export function explainVBoxFailure(call: FailedCall, place: FailurePlace): TmachineError {
  const known = findReason(call, place);
  const cannot = `Cannot ${formatGoal(call.args, place.machine)}`;
  if (known !== undefined)
    return new TmachineError(`${cannot}: ${known.reason}`, {
      code: known.code,
      hint: known.hint,
      cause: new Error(call.stderr.trim()),
    });
  const words = errorLines(call.stderr).join('; ') || lastLine(call.stderr) || `it ended with status ${call.exitCode}`;
  return new TmachineError(`${cannot}: VirtualBox says: ${words}`, {
    code: 'VBOXMANAGE_FAILED',
    hint: 'run the command again with --debug to see the calls of VBoxManage',
  });
}

/** What we know of a failure; nothing when we know nothing. */
export function findReason(call: FailedCall, { machine, platform }: FailurePlace): VBoxReason | undefined {
  const text = `${call.stderr}\n${call.stdout}`;
  const words = call.args.join(' ');
  for (const { pattern, call: only, code, reason, hint } of patterns) {
    const match = only?.test(words) === false ? null : pattern.exec(text);
    if (match === null) continue;
    const details = errorLines(call.stderr).at(-1) ?? '';
    const filled = reason
      .replaceAll(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '')
      .replace('$details', () => details);
    const here = typeof hint === 'object' ? hint[platform] : hint;
    return { code, reason: filled, hint: here?.replaceAll('$machine', () => machine) };
  }
  return undefined;
}

/** The errors without VirtualBox's notes for its own developers. */
function errorLines(stderr: string): readonly string[] {
  const lines = [...stderr.matchAll(/vbox\w*(?:\.exe)?: (?:fatal )?error: *(.*)$/gim)].map(([, line]) => line ?? '');
  const plain = lines.filter((line) => !/^(?:Details: code|Context: |Error code |\/.*\.cpp)|^$/.test(line));
  return [...new Set(plain)];
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
