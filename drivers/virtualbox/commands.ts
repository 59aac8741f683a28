import type { VBoxCall } from './vboxmanage.ts';

/** All settings of one VM, to be read by `parseVmInfo`. */
export function planShowVm(name: string): VBoxCall {
  return { args: ['showvminfo', name, '--machinereadable'] };
}

/** States of all VMs, to be read by `parseLongVmList`. */
export const listVmStates: VBoxCall = { args: ['list', '--long', 'vms'] };
