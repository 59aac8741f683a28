import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isLocked, needWriteLock } from './locks.js';
import { machineFiles } from './machines.js';
import { forgetMedium, usersOf } from './media.js';
import { readOptions } from './options.js';
import { comError, Refusal } from './refusal.js';

const unregistering =
  'Unregister(fDeleteAll ? CleanupMode_DetachAllReturnHardDisksAndVMRemovable ' +
  ':CleanupMode_DetachAllReturnHardDisksOnly, ComSafeArrayAsOutParam(aMedia)) at 232 of VBoxManageMisc.cpp';

/** `unregistervm`: forgets a machine; with `--delete` its files go, and the disks that no other machine has. */
export function unregisterVm(call) {
  const { values, rest } = readOptions('unregistervm', call.args, { delete: '!delete', 'delete-all': '!delete' });
  if (rest.length === 0) throw new Refusal([], { code: 1, usage: 'unregistervm' });
  const find = 'FindMachine(Bstr(VMName).raw(), machine.asOutParam()) at 228 of VBoxManageMisc.cpp';
  const entry = call.machines.lookUp(rest[0]) ?? call.machines.find(rest[0], find);
  if (entry.machine === undefined) return unregisterInaccessible(call, entry, values);
  if (isLocked(entry.machine)) {
    const text = `Cannot unregister the machine '${entry.machine.name}' while it is locked`;
    throw comError(text, 'VBOX_E_INVALID_OBJECT_STATE', 'MachineWrap/IMachine', unregistering);
  }
  const drives = entry.machine.controllers.flatMap(({ slots }) => Object.values(slots));
  call.machines.unregister(entry.uuid);
  for (const { medium } of drives) dropMedium(call, medium, values.delete);
  if (!values.delete) return;
  deleteFiles(entry);
  call.out.progress();
}

/** VirtualBox forgets it, and then finds that it cannot delete what it cannot read. */
function unregisterInaccessible(call, { uuid }, values) {
  call.machines.unregister(uuid);
  if (!values.delete) return;
  call.home.save();
  const context = 'DeleteConfig(ComSafeArrayAsInParam(aMedia), pProgress.asOutParam()) at 239 of VBoxManageMisc.cpp';
  throw comError('The object is not ready', 'E_ACCESSDENIED', 'MachineWrap/IMachine', context);
}

function dropMedium(call, path, removes) {
  const medium = call.home.settings.media.find((known) => known.path === path);
  if (medium === undefined || usersOf(call, medium).length > 0) return;
  forgetMedium(call, medium);
  if (removes && medium.kind === 'hdd') rmSync(path, { force: true });
}

function deleteFiles({ file }) {
  const { folder, snapshots, logs, nvram } = machineFiles(file);
  for (const path of [file, `${file}-prev`, nvram]) rmSync(path, { force: true });
  for (const path of [snapshots, logs]) rmSync(path, { recursive: true, force: true });
  // Whatever else is in the folder stays, and so does the folder then.
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

/** `movevm VM --folder DIR`. */
export function moveVm(call) {
  const [which, ...args] = call.args;
  const entry = call.machines.find(
    which,
    'FindMachine(Bstr(pszSrcName).raw(), srcMachine.asOutParam()) at 531 of VBoxManageMisc.cpp',
  );
  needWriteLock(entry, '541 of VBoxManageMisc.cpp');
  const { values } = readOptions('movevm', args, { folder: 'folder', type: 'type' });
  if (!existsSync(values.folder)) {
    const context =
      'MoveTo(Bstr(szTargetFolder).raw(), Bstr(pszType).raw(), progress.asOutParam()) at 545 of VBoxManageMisc.cpp';
    const text = `Unable to determine free space of target destination ('${values.folder}/'): VERR_FILE_NOT_FOUND`;
    throw comError(text, 'VBOX_E_IPRT_ERROR', 'SessionMachine/IMachine', context);
  }
  const folder = join(values.folder, entry.machine.name);
  const from = machineFiles(entry.file).folder;
  mkdirSync(values.folder, { recursive: true });
  renameSync(from, folder);
  entry.file = join(folder, basename(entry.file));
  call.machines.save(entry);
  call.out.progress();
  call.out.line(`Machine has been successfully moved into ${values.folder}`);
}
