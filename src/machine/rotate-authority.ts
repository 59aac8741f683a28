import { exitCodes } from '../errors/exit-codes.ts';
import { messageOf } from '../errors/tmachine-error.ts';
import { authorityOptions, authorityPathsOf } from './authority.ts';
import { provisionOver } from './certificates.ts';
import type { MachineContext } from './context.ts';
import { forEachMachine, throwFailures } from './each.ts';
import { changeMachine, openMachine } from './machine.ts';
import { reasonsToRenew, refreshAllCopies } from './renewal.ts';
import { requireProvisionedEngine } from './wait-for-engine.ts';

/** Where a machine is in a rotation: it has moved, it is off, or nobody here can say. */
export interface RotatedMachine {
  readonly name: string;
  readonly state: 'moved' | 'off' | 'unreachable';
  readonly reason: string;
}

/** How far a rotation came. */
export interface RotationResult {
  readonly done: boolean;
  readonly machines: readonly RotatedMachine[];
  readonly exitCode: number;
}

/**
 * Gives the store a new authority with a new key. Old and new one are trusted until every machine that runs has a
 * certificate of the new one; then the client pair follows, and the old one is dropped. Ended early and called again, it
 * goes on. With `finish` machines that are off are not waited for: they move when they are started.
 *
 * @throws TmachineError for machines that run and cannot be moved; nothing is dropped then.
 */
export async function rotateAuthority(finish: boolean, context: MachineContext): Promise<RotationResult> {
  const { beginRotation, dropOldAuthority, endRotation, rotateClient } = await import('../certs/rotation.ts');
  const paths = authorityPathsOf(context);
  const rotation = await beginRotation(paths, authorityOptions(context));
  await refreshAllCopies(context);
  const machines = await moveMachines(context);
  if (rotation.phase === 'machines') {
    await rotateClient(paths, authorityOptions(context));
    await refreshAllCopies(context);
  }
  const waits = machines.some(({ state }) => state !== 'moved');
  if (waits && !finish && rotation.phase !== 'drop') return { done: false, machines, exitCode: exitCodes.done };
  await dropOldAuthority(paths, authorityOptions(context));
  await refreshAllCopies(context);
  const told = await moveMachines(context);
  await endRotation(paths.folder);
  return { done: true, machines: told, exitCode: exitCodes.done };
}

/**
 * Drops the old authority once the last machine has moved, as a start may bring about. Engines that run are not restarted
 * for it: they are told when they start, or by `certs renew`.
 */
export async function settleRotation(context: MachineContext): Promise<void> {
  const { dropOldAuthority, endRotation, readRotation } = await import('../certs/rotation.ts');
  const paths = authorityPathsOf(context);
  if ((await readRotation(paths.folder))?.phase !== 'client') return;
  const names = await context.store.names();
  for (const name of names) if (!(await hasMoved(name, context))) return;
  await dropOldAuthority(paths, authorityOptions(context));
  await endRotation(paths.folder);
  await refreshAllCopies(context);
  const text = 'Every machine has moved to the new certificate authority: the old one is dropped';
  context.emit({ type: 'notice', level: 'info', text });
}

async function moveMachines(context: MachineContext): Promise<readonly RotatedMachine[]> {
  const outcomes = await forEachMachine(await context.store.names(), (name) => move(name, context));
  throwFailures(outcomes);
  return outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []));
}

async function move(name: string, context: MachineContext): Promise<RotatedMachine> {
  const state = await stateOf(name, context);
  if (state !== 'Running') {
    if (await hasMoved(name, context)) return { name, state: 'moved', reason: '' };
    if (state instanceof Error) return { name, state: 'unreachable', reason: messageOf(state) };
    return { name, state: 'off', reason: `moves when it is started: tmachine start ${name}` };
  }
  await changeMachine(name, context, async (machine) => {
    if ((await reasonsToRenew(machine, context)).length === 0) return;
    await provisionOver(machine, context, 'certificates');
    await requireProvisionedEngine(machine, context);
  });
  return { name, state: 'moved', reason: '' };
}

async function stateOf(name: string, context: MachineContext): Promise<string | Error> {
  try {
    await using machine = await openMachine(name, context);
    return await machine.driver.state();
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof Error) return error;
    throw error;
  }
}

/** Whether a machine has a certificate of the authority that signs now, and its engine trusts that authority. */
async function hasMoved(name: string, context: MachineContext): Promise<boolean> {
  const [{ readMachineTexts }, { hasAuthority }, { readTextIfExists }] = await Promise.all([
    import('../certs/copies.ts'),
    import('../certs/assess.ts'),
    import('../host/files.ts'),
  ]);
  const own = await readMachineTexts(context.store.layout.machine(name).directory);
  const record = await context.store.load(name).catch(() => undefined);
  const { ca } = authorityPathsOf(context, record);
  if (ca.isCustom) return true;
  const caPem = await readTextIfExists(ca.cert);
  return caPem !== undefined && hasAuthority(own, caPem);
}
