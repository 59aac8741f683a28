import { randomUUID } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { createImage, finishImage, readImage } from './images.js';
import { readOptions } from './options.js';
import { comError, Refusal } from './refusal.js';

const openCall =
  'OpenMedium(Bstr(pszFilenameOrUuid).raw(), enmDevType, enmAccessMode, fForceNewUuidOnOpen, pMedium.asOutParam()) ' +
  'at 197 of VBoxManageDisk.cpp';

/** The medium of a file or UUID, made known to VirtualBox. `invalid` is said after the error where a verb does so. */
export function openMedium(call, which, kind, invalid = false) {
  const known = call.home.settings.media.find(({ uuid, path }) => uuid === which || path === resolve(which));
  if (known !== undefined) return known;
  const path = resolve(which);
  const after = invalid ? [`Invalid UUID or filename "${which}"`] : [];
  if (!existsSync(path)) {
    const text = `Could not find file for the medium '${path}' (VERR_FILE_NOT_FOUND)`;
    throw comError(text, 'VBOX_E_FILE_ERROR', 'MediumWrap/IMedium', openCall, { after });
  }
  const image = readImage(path);
  if (image === undefined) {
    const text = `Could not get the storage format of the medium '${path}' (VERR_NOT_SUPPORTED)`;
    throw comError(text, 'VBOX_E_IPRT_ERROR', 'MediumWrap/IMedium', openCall, { after });
  }
  const medium = { uuid: image.uuid, path, kind, format: image.format, capacity: image.capacity };
  call.home.settings.media.push(medium);
  return medium;
}

/** `convertfromraw stdin FILE BYTES`: less input than that is filled up with zeros. */
export function convertFromRaw(call) {
  const { values, rest } = readOptions('convertfromraw', call.args, { format: 'format', variant: 'variant' });
  const [source, path, bytes] = rest;
  const capacity = Number(bytes ?? statSync(source).size);
  const input = source === 'stdin' ? call.input : openSync(source, 'r');
  call.out.stderr += `Converting from raw image file="${source}" to file="${path}"...\n`;
  const size = `${capacity} bytes (${Math.round(capacity / 1048576)}MB)`;
  call.out.stderr += `Creating dynamic image with size ${size}...\n`;
  const format = (values.format ?? 'VDI').toUpperCase();
  const about = { uuid: values.uuid ?? randomUUID(), format, capacity };
  const fd = openNew(path, format);
  copyInput(input, fd, capacity, path);
  finishImage(fd, about);
  closeSync(fd);
}

function openNew(path, format) {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    const reason = { EEXIST: 'VERR_ALREADY_EXISTS', ENOENT: 'VERR_PATH_NOT_FOUND', EACCES: 'VERR_ACCESS_DENIED' }[
      error.code
    ];
    const source = '/build/reproducible-path/virtualbox-7.2.22-dfsg/src/VBox/Storage/VMDK.cpp(5581)';
    const types = 'PVMDKIMAGE, uint64_t, unsigned int, PVDINTERFACEPROGRESS, unsigned int, unsigned int';
    throw new Refusal([
      `${format}: could not create new file '${path}'`,
      `Error code ${reason} at ${source} in function int vmdkCreateRegularImage(${types})`,
      `Cannot create the disk image "${path}": ${reason}`,
    ]);
  }
}

/** Copies what comes, in pieces; a run of zeros stays a hole. */
function copyInput(input, fd, capacity, path) {
  const buffer = Buffer.alloc(1 << 18);
  let position = 0;
  while (position < capacity) {
    const count = readSome(input, buffer, Math.min(buffer.length, capacity - position));
    if (count === 0) return;
    const piece = buffer.subarray(0, count);
    if (piece.some((byte) => byte !== 0)) writePiece(fd, piece, position, path);
    position += count;
  }
}

function readSome(input, buffer, length) {
  for (;;) {
    try {
      return readSync(input, buffer, 0, length, null);
    } catch (error) {
      if (error.code === 'EOF') return 0;
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

function writePiece(fd, piece, position, path) {
  try {
    writeSync(fd, piece, 0, piece.length, position);
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
    rmSync(path, { force: true });
    const source = '/build/reproducible-path/virtualbox-7.2.22-dfsg/src/VBox/Storage/VMDK.cpp(8003)';
    throw new Refusal([
      `VMDK: cannot write allocated data block in '${path}'`,
      `Error code VERR_DISK_FULL at ${source} in function int vmdkWrite()`,
      `Failed to write to disk image "${path}": VERR_DISK_FULL`,
    ]);
  }
}

const createOptions = { filename: 'path', size: 'size', format: 'format', sizebyte: 'bytes', variant: 'variant' };

/** `createmedium disk` and its old name `createhd`. */
export function createMedium(call) {
  const { values } = readOptions('createmedium', call.args, createOptions);
  const format = (values.format ?? 'VDI').toUpperCase();
  const capacity = Number(values.bytes ?? Number(values.size) * 1048576);
  const place = "Could not create the medium storage unit '";
  const text =
    `Failed to create medium\n${place}${values.path}'.\n` +
    `${format}: could not create new file '${values.path}' (VERR_ALREADY_EXISTS)`;
  const context = 'RTEXITCODE handleCreateMedium(HandlerArg*) at 630 of VBoxManageDisk.cpp';
  const before = '0%...VBOX_E_FILE_ERROR\n';
  const exists = comError(text, 'VBOX_E_FILE_ERROR', 'MediumWrap/IMedium!', context, { before });
  const image = createImage(values.path, { format, capacity }, exists);
  call.home.settings.media.push({ uuid: image.uuid, path: resolve(values.path), kind: 'hdd', format, capacity });
  call.out.progress();
  call.out.line(`Medium created. UUID: ${image.uuid}`);
}

/** `clonemedium disk` and its old name `clonehd`. */
export function cloneMedium(call) {
  const { rest } = readOptions('clonemedium', call.args, {
    format: 'format',
    variant: 'variant',
    existing: '!existing',
  });
  const [from, to] = rest.filter((word) => word !== 'disk');
  const { format, capacity } = openMedium(call, from, 'hdd');
  const uuid = randomUUID();
  copyFileSync(from, to);
  truncateSync(to, capacity);
  const fd = openSync(to, 'r+');
  finishImage(fd, { uuid, format, capacity });
  closeSync(fd);
  call.home.settings.media.push({ uuid, path: resolve(to), kind: 'hdd', format, capacity });
  call.out.progress();
  call.out.line(`Clone medium created in format '${format}'. UUID: ${uuid}`);
}

/** `closemedium`: forgets a medium, and deletes its file with `--delete`. */
export function closeMedium(call) {
  const { values, rest } = readOptions('closemedium', call.args, { delete: '!delete' });
  const which = rest.filter((word) => !['disk', 'dvd', 'floppy'].includes(word))[0];
  const medium = openMedium(call, which, 'hdd');
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
  for (const line of mediumLines(call, openMedium(call, which, 'hdd'), true)) call.out.line(line);
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
