import { comError } from './refusal.js';

const live = ['running', 'paused', 'gurumeditation'];

/** Whether a machine has a process: it runs, is paused, or is stuck. */
export function isLive({ state }) {
  return live.includes(state.name);
}

/** Whether a machine is in use: it has a process, or a window with its settings is open. */
export function isLocked(machine) {
  return isLive(machine) || machine.state.open === true;
}

/** Refuses what needs a machine's settings while they are in use. `place` is such as `901 of VBoxManageModifyVM.cpp`. */
export function needWriteLock({ machine }, place) {
  if (!isLocked(machine)) return;
  const text = `The machine '${machine.name}' is already locked for a session (or being unlocked)`;
  const context = `LockMachine(a->session, LockType_Write) at ${place}`;
  throw comError(text, 'VBOX_E_INVALID_OBJECT_STATE', 'MachineWrap/IMachine', context);
}

/** Refuses what a saved machine does not take; with `orRunning` the refusal says that a running one would. */
export function needMutable({ machine }, context, { orRunning = false, code = 1 } = {}) {
  if (machine.state.name !== 'saved') return;
  const text = `The machine is not mutable${orRunning ? ' or running' : ''} (state is Saved)`;
  throw comError(text, 'VBOX_E_INVALID_VM_STATE', 'SessionMachine/IMachine', context, { code });
}
