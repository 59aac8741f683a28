import { TmachineError } from 'tmachine/driver';
import { findVm } from './find-vm.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { isSshPortOpen } from './nat-port.ts';
import { planState } from './state.ts';

/** Presses the power button until the VM is off. */
export async function stopVm(machine: VirtualBoxMachine): Promise<void> {
  if (machine.data().VMID === '' && (await findVm(machine)) === undefined) return;
  if (!(await pressPowerButton(machine))) return await refuseSaved(machine);
  const { host, limits, name } = machine;
  try {
    await host.waitUntil(`"${name}" to power off`, limits.stopMs, await watchPowerOff(machine));
  } catch (error) {
    if (error instanceof TmachineError && error.code === 'TIMED_OUT') throw notStopped(machine, error);
    throw error;
  }
}

/**
 * A probe that tells whether the VM is off, and presses again now and then. As long as VirtualBox listens on the SSH port
 * the VM runs, so VBoxManage is not asked before that port is closed.
 */
async function watchPowerOff(machine: VirtualBoxMachine): Promise<() => Promise<boolean>> {
  const { limits } = machine;
  const isWatched = await isSshPortOpen(machine);
  let pressedAt = Date.now();
  let askAt: number | undefined;
  return async () => {
    const isTimeToPress = Date.now() - pressedAt >= limits.pressAgainMs;
    if (!isTimeToPress) {
      if (isWatched && (await isSshPortOpen(machine))) return false;
      askAt ??= Date.now() + (isWatched ? limits.closingMs : limits.askMs);
      if (Date.now() < askAt) return false;
    }
    if (await isOff(machine)) return true;
    askAt = undefined;
    if (!isTimeToPress) return false;
    pressedAt = Date.now();
    return !(await pressPowerButton(machine));
  };
}

/** False when the VM is off already. A paused guest could not react, so it is resumed first. */
async function pressPowerButton(machine: VirtualBoxMachine): Promise<boolean> {
  const vboxManage = await machine.vboxManage();
  const press = { args: ['controlvm', machine.vm(), 'acpipowerbutton'], accepts: reactions };
  let answer = await vboxManage.run(press);
  if (/Invalid machine state: Paused/.test(answer)) {
    await vboxManage.run({ args: ['controlvm', machine.vm(), 'resume'], accepts: /as it is not paused/ });
    answer = await vboxManage.run(press);
  }
  return !/is not currently running|Could not find/.test(answer);
}

const reactions = /Invalid machine state|is not currently running|Could not find a registered machine/;

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
