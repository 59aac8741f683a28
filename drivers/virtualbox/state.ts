import type { MachineState } from 'tmachine/driver';
import { findVm } from './find-vm.ts';
import type { VirtualBoxMachine } from './machine.ts';
import type { VmState } from './parse-vm-state.ts';

/** VirtualBox's states in docker-machine's words; all others are errors. */
const statesByVmState: { readonly [State in VmState]?: MachineState } = {
  running: 'Running',
  livesnapshotting: 'Running',
  onlinesnapshotting: 'Running',
  deletingsnapshotlive: 'Running',
  paused: 'Paused',
  deletingsnapshotlivepaused: 'Paused',
  saved: 'Saved',
  'aborted-saved': 'Saved',
  poweroff: 'Stopped',
  aborted: 'Stopped',
  teleported: 'Stopped',
  restoringsnapshot: 'Stopped',
  deletingsnapshot: 'Stopped',
  starting: 'Starting',
  restoring: 'Starting',
  settingup: 'Starting',
  stopping: 'Stopping',
  saving: 'Stopping',
};

/** A VM's state in docker-machine's words. */
export function planState(state: VmState): MachineState {
  return statesByVmState[state] ?? 'Error';
}

/** The state of the machine as VirtualBox tells it: one call. A VM that VirtualBox does not know is an error. */
export async function stateOfVirtualBox(machine: VirtualBoxMachine): Promise<MachineState> {
  const info = await findVm(machine);
  return info === undefined ? 'Error' : planState(info.state);
}
