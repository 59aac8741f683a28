import { setTimeout as sleep } from 'node:timers/promises';
import { TmachineError } from 'tmachine/driver';
import { attempt } from './attempt.ts';
import { findVm } from './find-vm.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { isSshPortOpen } from './nat-port.ts';
import { planState } from './state.ts';
import { vmStuck } from './vm-stuck.ts';

/** Presses the power button until the VM is off. */
export async function stopVm(machine: VirtualBoxMachine): Promise<void> {
  if (machine.data().VMID === '' && (await findVm(machine)) === undefined) return;
  if (!(await pressPowerButton(machine))) return await refuseSaved(machine);
  const { host, limits, name } = machine;
  try {
    await host.waitUntil(`"${name}" to power off`, limits.stopMs, watchPowerOff(machine));
  } catch (error) {
    if (error instanceof TmachineError && error.code === 'TIMED_OUT') throw notStopped(machine, error);
    throw error;
  }
}

/**
 * A probe that tells whether the VM is off, and presses again now and then. As long as VirtualBox listens on the SSH port
 * the VM runs, so VBoxManage is not asked before that port is closed, and then ever less often.
 */
function watchPowerOff(machine: VirtualBoxMachine): () => Promise<boolean> {
  const { limits } = machine;
  let pressedAt = Date.now();
  let delayMs = limits.closingMs;
  const isStillOn = async (): Promise<boolean> => {
    if (await staysOpen(machine)) return true;
    await sleep(delayMs, undefined, { signal: machine.host.signal });
    delayMs = Math.min(delayMs * 2, limits.askMs);
    return !(await isOff(machine));
  };
  return async () => {
    if (!(await isStillOn())) return true;
    if (Date.now() - pressedAt < limits.pressAgainMs) return false;
    pressedAt = Date.now();
    return !(await pressPowerButton(machine));
  };
}

/** Whether the SSH port is open for another quarter of a second; a machine that goes off is noticed at once. */
async function staysOpen(machine: VirtualBoxMachine): Promise<boolean> {
  for (let look = 0; look < 6; look += 1) {
    if (!(await isSshPortOpen(machine))) return false;
    await sleep(40, undefined, { signal: machine.host.signal });
  }
  return true;
}

/** False when the VM is off already. A paused guest could not react, so it is resumed first. */
async function pressPowerButton(machine: VirtualBoxMachine): Promise<boolean> {
  const press = { args: ['controlvm', machine.vm(), 'acpipowerbutton'] };
  const resume = { args: ['controlvm', machine.vm(), 'resume'] };
  const off = ['VBOX_VM_NOT_RUNNING', 'VBOX_VM_NOT_FOUND'];
  let answer = await attempt(machine, press, [...off, 'VBOX_VM_STATE']);
  if ('refusal' in answer && answer.refusal === 'VBOX_VM_STATE') {
    await attempt(machine, resume, [...off, 'VBOX_VM_STATE']);
    answer = await attempt(machine, press, [...off, 'VBOX_VM_STATE']);
  }
  if ('output' in answer) return true;
  if (answer.refusal !== 'VBOX_VM_STATE') return false;
  await refuseStuck(machine);
  return true;
}

/** A VM that is just starting or stopping takes no button, but one that is stuck will never take any. */
async function refuseStuck(machine: VirtualBoxMachine): Promise<void> {
  const info = await findVm(machine);
  if (info !== undefined && planState(info.state) === 'Error') throw vmStuck(machine, 'stop', info);
}

async function isOff(machine: VirtualBoxMachine): Promise<boolean> {
  const info = await findVm(machine);
  const state = info === undefined ? 'Stopped' : planState(info.state);
  return state === 'Stopped' || state === 'Saved';
}

/** A saved machine is off, but its guest has not been asked to end anything. */
async function refuseSaved(machine: VirtualBoxMachine): Promise<void> {
  const { name } = machine;
  const info = await findVm(machine);
  if (info === undefined || planState(info.state) !== 'Saved') return;
  throw new TmachineError(`Cannot stop "${name}": it is saved`, {
    code: 'NOT_RUNNING',
    hint: `start it with \`tmachine start ${name}\`, or drop what is saved with \`tmachine kill ${name}\``,
  });
}

function notStopped({ name, limits }: VirtualBoxMachine, cause: Error): TmachineError {
  return new TmachineError(`Cannot stop "${name}": it has not powered off within ${limits.stopMs / 1000} s`, {
    code: 'STOP_TIMED_OUT',
    hint: `see what it does with \`tmachine ssh ${name}\`, or end it with \`tmachine kill ${name}\``,
    cause,
  });
}
