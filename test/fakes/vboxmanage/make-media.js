import { randomUUID } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createImage, finishImage } from './images.js';
import { openMedium } from './media.js';
import { readOptions } from './options.js';
import { comError, Refusal } from './refusal.js';

/** `convertfromraw stdin FILE BYTES`: less input than that is filled up with zeros. */
export function convertFromRaw(call) {
  const { values, rest } = readOptions('convertfromraw', call.args, { format: 'format', variant: 'variant' });
  const [source, path, bytes] = rest;
  if (path === undefined) throw new Refusal([], { code: 1, usage: 'convertfromraw' });
  call.out.stderr += `Converting from raw image file="${source}" to file="${path}"...\n`;
  if (source !== 'stdin' && !existsSync(source))
    throw new Refusal([`Cannot open file "${source}": VERR_FILE_NOT_FOUND`]);
  const input = source === 'stdin' ? call.input : openSync(source, 'r');
  const capacity = Number.parseInt(bytes ?? statSync(source).size, 10) || 0;
  const size = `${capacity} bytes (${Math.round(capacity / 1048576)}MB)`;
  call.out.stderr += `Creating dynamic image with size ${size}...\n`;
  if (capacity === 0) throw new Refusal([`Cannot create the disk image "${path}": VERR_INVALID_PARAMETER`]);
  const format = (values.format ?? 'VDI').toUpperCase();
  mkdirSync(dirname(path), { recursive: true });
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
  mkdirSync(dirname(values.path), { recursive: true });
  const image = createImage(values.path, { format, capacity }, exists);
  call.home.settings.media.push({ uuid: image.uuid, path: resolve(values.path), kind: 'hdd', format, capacity });
  call.out.progress();
  call.out.line(`Medium created. UUID: ${image.uuid}`);
}

/** `clonemedium disk` and its old name `clonehd`. */
export function cloneMedium(call) {
  const { values, rest } = readOptions('clonemedium', call.args, {
    format: 'format',
    variant: 'variant',
    existing: '!existing',
  });
  const [from, to] = rest.filter((word) => word !== 'disk');
  const source = openMedium(call, from, 'hdd');
  const { capacity } = source;
  const format = (values.format ?? source.format).toUpperCase();
  if (existsSync(to)) throw cloneExists(to, format);
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

function cloneExists(path, format) {
  const text =
    `Failed to clone medium\nCould not create the clone medium '${path}'.\n` +
    `${format}: could not create new file '${path}' (VERR_ALREADY_EXISTS)`;
  const context = 'RTEXITCODE handleCloneMedium(HandlerArg*) at 1208 of VBoxManageDisk.cpp';
  return comError(text, 'VBOX_E_FILE_ERROR', 'MediumWrap/IMedium!', context, { before: '0%...VBOX_E_FILE_ERROR\n' });
}
