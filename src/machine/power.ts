import type { MachineState } from '../driver/contract.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import { step } from '../events/event.ts';
import type { MachineContext } from './context.ts';
import { leaveContext } from './docker-context.ts';
import { makeEngineReady } from './engine-ready.ts';
import { changeMachine, type Machine, requireVerb } from './machine.ts';

/** Starts a machine and waits until its engine answers; certificates that do not fit or soon expire are made anew. */
export async function startMachine(name: string, context: MachineContext): Promise<void> {
  await changeMachine(name, context, async (machine) => {
    const start = requireVerb(machine, 'start');
    await refuseIfAlready(machine, 'Running');
    await step(machine.emit, 'start', `Starting "${name}"`, start);
    await makeEngineReady(machine, context);
    info(machine, `Machine "${name}" was started.`);
  });
}

/** Asks the guest to power off and waits for it. */
export async function stopMachine(name: string, context: MachineContext): Promise<void> {
  await changeMachine(name, context, async (machine) => {
    const stop = requireVerb(machine, 'stop');
    await refuseIfAlready(machine, 'Stopped');
    await step(machine.emit, 'stop', `Stopping "${name}"`, stop);
    await leaveContext(name, context);
    info(machine, `Machine "${name}" was stopped.`);
  });
}

/** Takes the power away. */
export async function killMachine(name: string, context: MachineContext): Promise<void> {
  await changeMachine(name, context, async (machine) => {
    const kill = requireVerb(machine, 'kill');
    await refuseIfAlready(machine, 'Stopped');
    await step(machine.emit, 'kill', `Killing "${name}"`, kill);
    await leaveContext(name, context);
    info(machine, `Machine "${name}" was killed.`);
  });
}

/** Restarts a running machine, starts a stopped one where its driver can, and waits until its engine answers. */
export async function restartMachine(name: string, context: MachineContext): Promise<void> {
  await changeMachine(name, context, async (machine) => {
    const state = await machine.driver.state();
    const work = planRestart(machine, state === 'Running' || state === 'Paused');
    await step(machine.emit, 'restart', `Restarting "${name}"`, work);
    await makeEngineReady(machine, context);
    info(machine, `Machine "${name}" was restarted.`);
  });
}

/** @throws TmachineError `VERB_MISSING`. */
function planRestart(machine: Machine, running: boolean): () => Promise<void> {
  const { start, stop, restart } = machine.driver.power;
  if (!running && start !== undefined) return requireVerb(machine, 'start');
  if (restart !== undefined || stop === undefined) return requireVerb(machine, 'restart');
  return async () => {
    await requireVerb(machine, 'stop')();
    await requireVerb(machine, 'start')();
  };
}

async function refuseIfAlready(machine: Machine, state: MachineState): Promise<void> {
  if ((await machine.driver.state()) !== state) return;
  throw new TmachineError(`Machine "${machine.name}" is already ${state.toLowerCase()}.`, { code: 'ALREADY' });
}

function info(machine: Machine, text: string): void {
  machine.emit({ type: 'notice', level: 'info', text });
}
