import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const mark = 'VBoxManage stand-in image ';

/**
 * A disk image of the stand-in: the raw content, as QEMU likes it, and 512 bytes that say what VirtualBox would keep in a
 * header: `{ uuid, format, capacity }`, the capacity in bytes.
 */
export function finishImage(fd, about) {
  ftruncateSync(fd, about.capacity);
  const tail = Buffer.alloc(512);
  tail.write(mark + JSON.stringify(about));
  writeSync(fd, tail, 0, tail.length, about.capacity);
}

/** What a file is: `{ uuid, format, capacity, raw }`, `raw` for images of the stand-in; undefined if no image. */
export function readImage(path) {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const tail = readAt(fd, Math.max(0, size - 512), 512).toString('latin1');
    if (tail.startsWith(mark)) return { ...JSON.parse(tail.slice(mark.length).replace(/\0+$/, '')), raw: true };
    return readHeader(fd, size);
  } finally {
    closeSync(fd);
  }
}

function readHeader(fd, size) {
  const head = readAt(fd, 0, 512);
  const uuid = randomUUID();
  if (head.toString('latin1', 0, 4) === 'KDMV') {
    return { uuid, format: 'VMDK', capacity: Number(head.readBigUInt64LE(12)) * 512 };
  }
  if (head.toString('latin1').startsWith('# Disk DescriptorFile')) return { uuid, format: 'VMDK', capacity: size };
  if (head.readUInt32LE(64) === 0xbeda107f) return { uuid, format: 'VDI', capacity: size };
  const volume = readAt(fd, 32_768, 6).toString('latin1', 1, 6);
  return volume === 'CD001' ? { uuid, format: 'RAW', capacity: size } : undefined;
}

function readAt(fd, position, length) {
  const buffer = Buffer.alloc(length);
  readSync(fd, buffer, 0, length, position);
  return buffer;
}

/** Makes a disk image of zeros; `exists` is what to throw if there is such a file. */
export function createImage(path, { format, capacity }, exists) {
  if (existsSync(path)) throw exists;
  const about = { uuid: randomUUID(), format, capacity };
  const fd = openSync(path, 'wx');
  finishImage(fd, about);
  closeSync(fd);
  return about;
}
