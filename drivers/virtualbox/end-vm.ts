import { type MachineState, TmachineError } from 'tmachine/driver';
import { attempt } from './attempt.ts';
import type { VirtualBoxMachine } from './machine.ts';
import type { VmInfo } from './parse-vm-info.ts';
import { planState } from './state.ts';

/**
 * Takes the power away from a VM, and with it what a saved one kept of its memory. A VM whose process answers no more is
 * ended by VirtualBox the hard way.
 */
export async function endVm(machine: VirtualBoxMachine, info: VmInfo): Promise<void> {
  const state = planState(info.state);
  if (state === 'Stopped' || info.state === 'inaccessible') return;
  const vboxManage = await machine.vboxManage();
  if (state === 'Saved') {
    await vboxManage.run({ args: ['discardstate', machine.vm()] });
    return;
  }
  const cause = await tryPowerOff(machine, state);
  if (cause === undefined) return;
  const kill = { args: ['startvm', machine.vm(), '--type', 'emergencystop'] };
  const answer = await attempt(machine, kill, ['OPTION_INVALID']);
  if ('refusal' in answer) throw cause;
}

/** Why the VM could not be powered off, if so. */
async function tryPowerOff(machine: VirtualBoxMachine, state: MachineState): Promise<unknown> {
  try {
    const answer = await attempt(machine, { args: ['controlvm', machine.vm(), 'poweroff'] }, ['VBOX_VM_NOT_RUNNING']);
    // One that ran has ended in this moment; one that was starting has nobody who could be asked.
    if ('output' in answer || state === 'Running' || state === 'Paused') return undefined;
    return new TmachineError(`Cannot end "${machine.name}": its VM is in state "${state}" and does not answer`, {
      code: 'VIRTUALBOX_VM_STUCK',
      hint: 'end its process VBoxHeadless, or restart the computer',
    });
  } catch (error) {
    machine.host.signal.throwIfAborted();
    return error;
  }
}
