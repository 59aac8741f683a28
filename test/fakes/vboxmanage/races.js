import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, userHome } from './home.js';
import { comError } from './refusal.js';

/** Where the word for the machine is, in calls that open a session of it. */
const places = {
  ...{ showvminfo: 0, modifyvm: 0, storagectl: 0, storageattach: 0, setextradata: 0, controlvm: 0, startvm: 0 },
  ...{ sharedfolder: 1, guestproperty: 1 },
};

/**
 * With FAKE_VBOX_RACES=1: of calls about one machine that overlap only the first is answered, as VirtualBox lets one open a
 * session of a machine that is off at a time. Gives `check(machines)`, which refuses the others, and `leave()`.
 */
export function joinRace(env, verb, args) {
  const which = args[places[verb]];
  if (!env.FAKE_VBOX_RACES || which === undefined) return { check: () => {}, leave: () => {} };
  const folder = join(userHome(env), 'sessions', encodeURIComponent(which));
  mkdirSync(folder, { recursive: true });
  const mark = join(folder, String(process.pid));
  writeFileSync(mark, '');
  const since = statSync(mark).mtimeMs;
  return {
    check: (machines) => {
      const name = machines.lookUp(which)?.machine?.name;
      if (name !== undefined && readdirSync(folder).some((pid) => isBefore(join(folder, pid), pid, since)))
        throw pending(name);
    },
    leave: () => rmSync(mark, { force: true }),
  };
}

function isBefore(path, pid, since) {
  if (Number(pid) === process.pid || !isAlive(Number(pid))) return false;
  const other = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return other !== undefined && (other < since || (other === since && Number(pid) < process.pid));
}

function pending(name) {
  const context = 'LockMachine(a->session, LockType_Shared) at 3328 of VBoxManageInfo.cpp';
  const text = `The machine '${name}' already has a lock request pending`;
  return comError(text, 'VBOX_E_INVALID_OBJECT_STATE', 'MachineWrap/IMachine', context);
}
