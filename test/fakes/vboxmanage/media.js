import { existsSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { readImage } from './images.js';
import { readOptions } from './options.js';
import { comError, Refusal } from './refusal.js';

const openCall =
  'OpenMedium(Bstr(pszFilenameOrUuid).raw(), enmDevType, enmAccessMode, fForceNewUuidOnOpen, pMedium.asOutParam()) ' +
  'at 197 of VBoxManageDisk.cpp';

/** The medium of a file or UUID, made known to VirtualBox. `invalid` is said after the error where a verb does so. */
export function openMedium(call, which, kind, invalid = false) {
  const after = invalid ? [`Invalid UUID or filename "${which}"`] : [];
  const known = call.home.settings.media.find(({ uuid, path }) => uuid === which || path === resolve(which));
  const medium = known ?? readMedium(resolve(which), after);
  if (kind !== undefined && medium.kind !== kind) {
    const words = { hdd: 'HDD', dvd: 'DVD' };
    const detected = `(${words[kind]}, detected ${words[medium.kind]})`;
    const text = `The medium '${medium.path}' can't be used as the requested device type ${detected}`;
    throw comError(text, 'NS_ERROR_FAILURE', 'MediumWrap/IMedium', openCall, { after });
  }
  if (known === undefined) call.home.settings.media.push(medium);
  return medium;
}

function readMedium(path, after) {
  if (!existsSync(path)) {
    const text = `Could not find file for the medium '${path}' (VERR_FILE_NOT_FOUND)`;
    throw comError(text, 'VBOX_E_FILE_ERROR', 'MediumWrap/IMedium', openCall, { after });
  }
  const image = readImage(path);
  if (image === undefined) {
    const text = `Could not get the storage format of the medium '${path}' (VERR_NOT_SUPPORTED)`;
    throw comError(text, 'VBOX_E_IPRT_ERROR', 'MediumWrap/IMedium', openCall, { after });
  }
  const { uuid, format, capacity } = image;
  return { uuid, path, kind: format === 'RAW' ? 'dvd' : 'hdd', format, capacity };
}

/** `closemedium`: forgets a medium, and deletes its file with `--delete`. */
export function closeMedium(call) {
  const { values, rest } = readOptions('closemedium', call.args, { delete: '!delete' });
  const which = rest.filter((word) => !['disk', 'dvd', 'floppy'].includes(word))[0];
  const medium = openMedium(call, which);
  const users = usersOf(call, medium);
  if (users.length > 0) throw stillAttached(medium, users, values.delete);
  forgetMedium(call, medium);
  if (!values.delete) return;
  rmSync(medium.path, { force: true });
  call.out.progress();
}

function stillAttached({ path }, users, isDeleting) {
  const text = `Medium '${path}' cannot be closed because it is still attached to ${users.length} virtual machines`;
  const error = (message, context) => comError(message, 'VBOX_E_OBJECT_IN_USE', 'MediumWrap/IMedium', context);
  const closing = error(text, 'Close() at 1877 of VBoxManageDisk.cpp');
  if (!isDeleting) return closing;
  const uuids = users.map(({ uuid }) => uuid).join(' ');
  const refusal = `Cannot delete storage: medium '${path}' is still attached to the following ${users.length} virtual machine(s)`;
  const deleting = error(`${refusal}: ${uuids}`, 'DeleteStorage(pProgress.asOutParam()) at 1868 of VBoxManageDisk.cpp');
  const between = 'Failed to delete medium. Error code VBOX_E_OBJECT_IN_USE';
  return new Refusal([...deleting.lines, between, ...closing.lines]);
}

/** The machines that a medium is attached to. */
export function usersOf(call, { path }) {
  const holds = ({ controllers }) =>
    controllers.some(({ slots }) => Object.values(slots).some((d) => d.medium === path));
  return call.machines.accessible().filter(({ machine }) => holds(machine));
}

/** Takes a medium out of VirtualBox's list. */
export function forgetMedium({ home }, { uuid }) {
  home.settings.media = home.settings.media.filter((medium) => medium.uuid !== uuid);
}

/** `showmediuminfo` and its old name `showhdinfo`. */
export function showMediumInfo(call) {
  const which = call.args.filter((word) => word !== 'disk' && word !== 'dvd')[0];
  for (const line of mediumLines(call, openMedium(call, which), true)) call.out.line(line);
}

/** A medium as it is listed, with more of it in the `long` form. */
export function mediumLines(call, medium, long) {
  const { uuid, path, kind, format, capacity } = medium;
  const isDisk = kind === 'hdd';
  const variant = isDisk ? 'dynamic default' : 'fixed default';
  const size = existsSync(path) ? Math.floor((statSync(path).blocks * 512) / 1048576) : 0;
  const users = usersOf(call, medium).map(({ machine }) => `${machine.name} (UUID: ${machine.uuid})`);
  return [
    ...[`UUID:           ${uuid}`, ...(isDisk ? ['Parent UUID:    base'] : [])],
    ...[`State:          ${existsSync(path) ? 'created' : 'inaccessible'}`],
    ...[`Type:           ${isDisk ? 'normal (base)' : 'readonly'}`, `Location:       ${path}`],
    ...[`Storage format: ${format}`, ...(long ? [`Format variant: ${variant}`] : [])],
    ...[`Capacity:       ${Math.floor(capacity / 1048576)} MBytes`],
    ...(long ? [`Size on disk:   ${size} MBytes`] : []),
    'Encryption:     disabled',
    ...(long && isDisk && format === 'VMDK' ? vmdkProperties : []),
    ...(long && users.length > 0 ? [`In use by VMs:  ${users.join('\n                ')}`] : []),
  ];
}

const vmdkProperties = ['BootSector', 'Partitions', 'RawDrive', 'Relative'].map(
  (name, i) => `${i === 0 ? 'Property:' : '         '}       ${name}=`,
);
