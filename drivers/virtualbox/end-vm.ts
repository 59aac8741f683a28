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
  try {
    await attempt(machine, { args: ['controlvm', machine.vm(), 'poweroff'] }, ['VBOX_VM_NOT_RUNNING']);
  } catch {
    machine.host.signal.throwIfAborted();
    await vboxManage.run({ args: ['startvm', machine.vm(), '--type', 'emergencystop'] });
  }
}
