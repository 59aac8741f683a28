import { randomUUID } from 'node:crypto';
import { setState, stateFile } from './controlvm.js';
import { isLive } from './locks.js';
import { snapshotLines } from './machine-lines.js';
import { comError, syntaxError } from './refusal.js';

/** `snapshot VM take|restore|delete|list`: a line of snapshots, without the content of disks. */
export function snapshot(call) {
  const [which, what, name] = call.args;
  const find = 'FindMachine(bstrMachine.raw(), pMachine.asOutParam()) at 344 of VBoxManageSnapshot.cpp';
  const entry = call.machines.find(which, find);
  if (what === 'list') return list(call, entry);
  const action = { take, restore, delete: remove }[what];
  if (action === undefined) throw syntaxError(`Invalid parameter '${what}'`, 'snapshot');
  action(call, entry, name);
  call.machines.save(entry);
  call.out.progress();
}

function list(call, { machine }) {
  if (machine.snapshots.length === 0) return call.out.line('This machine does not have any snapshots');
  for (const line of snapshotLines(machine.snapshots)) call.out.line(line);
}

function take(call, entry, name) {
  const uuid = randomUUID();
  entry.machine.snapshots.push({ name, uuid, live: isLive(entry.machine) });
  call.out.line(`Snapshot taken. UUID: ${uuid}`);
}

function restore(call, entry, name) {
  const { uuid, live } = findSnapshot(entry.machine, name);
  call.out.line(`Restoring snapshot '${name}' (${uuid})`);
  if (!live) return;
  setState(entry.machine, 'saved');
  entry.machine.state.file = stateFile(entry);
}

function remove(call, { machine }, name) {
  const { uuid } = findSnapshot(machine, name);
  machine.snapshots = machine.snapshots.filter((known) => known.uuid !== uuid);
  call.out.line(`Deleting snapshot '${name}' (${uuid})`);
}

function findSnapshot({ snapshots }, name) {
  const found = snapshots.find((known) => known.name === name || known.uuid === name);
  if (found !== undefined) return found;
  const text =
    snapshots.length === 0 ? 'This machine does not have any snapshots' : `Could not find a snapshot named '${name}'`;
  const context = 'FindSnapshot(Bstr(a->argv[2]).raw(), pSnapshot.asOutParam()) at 537 of VBoxManageSnapshot.cpp';
  throw comError(text, 'VBOX_E_OBJECT_NOT_FOUND', 'SessionMachine/IMachine', context);
}
