import { exitCodes } from '../errors/exit-codes.ts';
import { messageOf } from '../errors/tmachine-error.ts';
import { type CertificateStatus, certificateStatus } from '../machine/certificate-status.ts';
import type { MachineContext } from '../machine/context.ts';
import { renewCertificates } from '../machine/renew-certificates.ts';
import { type RotationResult, rotateAuthority } from '../machine/rotate-authority.ts';
import { formatTable } from '../report/table.ts';
import type { Answer } from './command.ts';

/** The certificates of the store; exit status 1 when something has expired or is wrong, not when it is merely due. */
export async function runCertsStatus(names: readonly string[], context: MachineContext): Promise<Answer> {
  const certificates = await certificateStatus(names, context);
  const heading = ['OWNER', 'SUBJECT', 'NAMES', 'NOT BEFORE', 'NOT AFTER', 'DAYS LEFT', 'PROBLEM'];
  const wrong = certificates.filter(({ problems }) => problems.some(({ code }) => code !== 'due'));
  const isWrong = wrong.length > 0;
  return {
    data: certificates,
    text: formatTable([heading, ...certificates.map(formatStatus)]),
    exitCode: isWrong ? exitCodes.failed : exitCodes.done,
    hint: isWrong ? adviseOn(wrong) : undefined,
  };
}

/** What is wrong with the shared files themselves, nobody but their owner can say how to mend. */
function adviseOn(wrong: readonly CertificateStatus[]): string {
  const beyond = ['missing', 'unreadable', 'key-mismatch', 'other-authority'];
  const shared = wrong.filter(({ kind }) => kind !== 'server');
  const isBeyond = shared.some(({ problems }) => problems.some(({ code }) => beyond.includes(code)));
  if (!isBeyond) return 'tmachine certs renew --all';
  return `bring ${shared.map(({ file }) => file).join(' and ')} back from a copy, with the key that belongs to it`;
}

/** Renews certificates; what is off, and what failed, is said machine by machine. */
export async function runCertsRenew(
  names: readonly string[],
  force: boolean,
  context: MachineContext,
): Promise<Answer> {
  const { shared, machines } = await renewCertificates(names, force, context);
  const rows = machines.map((outcome) =>
    'value' in outcome
      ? outcome.value
      : { name: outcome.name, result: 'failed', reason: messageOf(outcome.error).replaceAll(/\s*\n\s*/g, ' ') },
  );
  const said = {
    renewed: 'renewed',
    good: 'good',
    waiting: 'off, renewed at its next start',
    failed: 'failed',
  } as const;
  const own = [
    ['authority', shared.ca ? 'renewed' : 'good', ''],
    ['client', shared.client ? 'renewed' : 'good', ''],
  ];
  const lines = rows.map(({ name, result, reason }) => [name, said[result as keyof typeof said], reason]);
  return {
    data: { authority: shared.ca ? 'renewed' : 'good', client: shared.client ? 'renewed' : 'good', machines: rows },
    text: formatTable([['OWNER', 'RESULT', 'REASON'], ...own, ...lines]),
    exitCode: rows.some(({ result }) => result === 'failed') ? exitCodes.failed : exitCodes.done,
  };
}

/** Moves the store to a new authority, as far as its machines can be reached. */
export async function runCertsRotate(finish: boolean, context: MachineContext): Promise<Answer> {
  const result = await rotateAuthority(finish, context);
  const { done, machines, exitCode } = result;
  return { data: { done, machines }, text: formatRotation(result), exitCode };
}

function formatStatus({ kind, machine, subject, names, problems, ...dates }: CertificateStatus): readonly string[] {
  const { notBefore, notAfter, daysLeft } = dates;
  const problem = problems
    .map(({ text }) => text)
    .join('; ')
    .replaceAll(/\s*\n\s*/g, ' ');
  return [machine ?? kind, subject, names.join(','), notBefore, notAfter, String(daysLeft ?? ''), problem];
}

function formatRotation({ done, machines }: RotationResult): string {
  const rows = machines.map(({ name, state, reason }) => [name, state, reason]);
  const left = machines.filter(({ state }) => state !== 'moved').map(({ name }) => name);
  const last = done
    ? 'The old authority is dropped.'
    : `The old authority stays trusted until ${left.join(', ')} has moved, or until: tmachine certs rotate-ca --finish`;
  return `${formatTable([['MACHINE', 'STATE', 'NEXT'], ...rows])}${last}\n`;
}
