import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineOf } from './engine.js';
import { isLive, needWriteLock } from './locks.js';
import { machineFiles, now } from './machines.js';
import { addRule, removeRule } from './modify-nic.js';
import { comError, Refusal, syntaxError } from './refusal.js';

const file = 'VBoxManageControlVM.cpp';

/** `controlvm VM ACTION`. */
export async function controlVm(call) {
  const [which, action, ...args] = call.args;
  const find = `FindMachine(Bstr(a->argv[0]).raw(), machine.asOutParam()) at 363 of ${file}`;
  const locking = `LockMachine(a->session, LockType_Shared) at 369 of ${file}`;
  if (action === undefined) throw syntaxError('Not enough parameters.', 'controlvm', { repeats: true });
  const entry = call.machines.find(which, find, locking);
  if (!isLive(entry.machine)) throw new Refusal([`Machine '${entry.machine.name}' is not currently running.`]);
  const [, natNumber] = /^natpf(\d)$/.exec(action) ?? [];
  if (natNumber !== undefined) await changeRule(call, entry, { number: Number(natNumber), args });
  else {
    const perform = actions[action];
    if (perform === undefined) {
      throw syntaxError(`Invalid parameter '${action}'.`, 'controlvm', { code: 1, repeats: true });
    }
    await perform(call, entry);
  }
  call.machines.save(entry);
}

const actions = {
  poweroff: async (call, entry) => {
    await engineOf(call.env).powerOff(call, entry);
    setState(entry.machine, 'poweroff');
    call.out.progress();
  },
  acpipowerbutton: pressPower,
  shutdown: pressPower,
  reset: async (call, entry) => {
    refusePaused(entry.machine, 'Reset() at 398');
    await engineOf(call.env).reset(call, entry);
  },
  pause: async (call, entry) => {
    if (entry.machine.state.name === 'paused') throw stateError('Already paused', 'Pause() at 388');
    await engineOf(call.env).pause(call, entry);
    changeName(entry.machine, 'paused');
  },
  resume: async (call, entry) => {
    if (entry.machine.state.name !== 'paused') {
      throw stateError('Cannot resume the machine as it is not paused (machine state: Running)', 'Resume() at 393');
    }
    await engineOf(call.env).resume(call, entry);
    changeName(entry.machine, 'running');
  },
  savestate: async (call, entry) => {
    const path = stateFile(entry);
    await engineOf(call.env).save(call, entry, path);
    setState(entry.machine, 'saved');
    entry.machine.state.file = path;
    call.out.progress();
  },
};

async function pressPower(call, entry) {
  refusePaused(entry.machine, 'PowerButton() at 658');
  await engineOf(call.env).pressPower(call, entry);
}

/** A new state of a machine that has no process any more. */
export function setState(machine, name) {
  machine.state = { name, since: now() };
}

function changeName(machine, name) {
  Object.assign(machine.state, { name, since: now() });
}

function refusePaused({ state }, context) {
  if (state.name === 'paused') throw stateError('Invalid machine state: Paused', context);
}

function stateError(text, context) {
  return comError(text, 'VBOX_E_INVALID_VM_STATE', 'ConsoleWrap/IConsole', `${context} of ${file}`);
}

/** Makes the folder for a saved state, and an empty file in it. */
export function stateFile({ file: settingsFile }) {
  const { snapshots } = machineFiles(settingsFile);
  mkdirSync(snapshots, { recursive: true });
  const path = join(snapshots, `${now().replaceAll(/[:.]/g, '-')}Z.sav`);
  writeFileSync(path, '');
  return path;
}

async function changeRule(call, entry, { number, args }) {
  const nic = entry.machine.nics[number - 1];
  const before = nic.rules;
  if (args[0] === 'delete') {
    removeRule(nic, args[1]);
    const gone = before.find((rule) => !nic.rules.includes(rule));
    await engineOf(call.env).removeRule(call, entry, gone);
  } else {
    addRule(nic, args[0]);
    await engineOf(call.env).addRule(call, entry, args[0]);
  }
}

/** `discardstate`: a saved machine is powered off again. */
export function discardState(call) {
  const [which] = call.args;
  const entry = call.machines.find(
    which,
    'FindMachine(Bstr(a->argv[0]).raw(), machine.asOutParam()) at 1280 of VBoxManageMisc.cpp',
  );
  needWriteLock(entry, '1287 of VBoxManageMisc.cpp');
  if (entry.machine.state.name !== 'saved') {
    const text =
      'Cannot discard the saved state as the machine is not in the Saved or Aborted-Saved state (machine state: PoweredOff)';
    const context = 'DiscardSavedState(true ) at 1292 of VBoxManageMisc.cpp';
    throw comError(text, 'VBOX_E_INVALID_VM_STATE', 'SessionMachine/IMachine', context, { code: 0 });
  }
  setState(entry.machine, 'poweroff');
  call.machines.save(entry);
}
