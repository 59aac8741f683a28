import { bothEndian16, bothEndian32, recordTime } from './fields.ts';
import type { IsoNode } from './iso-tree.ts';

/** Bytes in a sector of the disc. */
export const sectorSize: number = 2048;

const self = '\0';
const parent = '\x01';
const extension = 'RRIP_1991A';
const extensionText = 'THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS';

/** Content of a folder: whole sectors of records (ECMA-119 9.1) with Rock Ridge's names, modes and times (RRIP 1.09). */
export function formatFolder(folder: IsoNode, above: IsoNode, mtimeSeconds: number): Uint8Array {
  const isRoot = folder === above;
  const records = [
    formatRecord(
      folder,
      self,
      [
        ...(isRoot ? [sharingStart()] : []),
        ...attributes(folder, mtimeSeconds),
        ...(isRoot ? [extensionReference()] : []),
      ],
      mtimeSeconds,
    ),
    formatRecord(above, parent, attributes(above, mtimeSeconds), mtimeSeconds),
    ...folder.children.map((child) =>
      formatRecord(
        child,
        child.identifier,
        [...attributes(child, mtimeSeconds), alternateName(child.name)],
        mtimeSeconds,
      ),
    ),
  ];
  return packIntoSectors(records);
}

/** The root's record without Rock Ridge, as the volume descriptor holds it. */
export function formatRootRecord(root: IsoNode, mtimeSeconds: number): Uint8Array {
  return formatRecord(root, self, [], mtimeSeconds);
}

function formatRecord(node: IsoNode, identifier: string, systemUse: Uint8Array[], mtimeSeconds: number): Uint8Array {
  const body = Buffer.concat([
    bothEndian32(node.sector),
    bothEndian32(node.size),
    recordTime(mtimeSeconds),
    Uint8Array.of(node.file === undefined ? 2 : 0, 0, 0),
    bothEndian16(1),
    Uint8Array.of(identifier.length),
    Buffer.from(identifier, 'latin1'),
    new Uint8Array((identifier.length + 1) % 2),
    ...systemUse,
  ]);
  const size = 2 + body.length + (body.length % 2);
  return Buffer.concat([Uint8Array.of(size, 0), body], size);
}

function packIntoSectors(records: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const record of records) {
    const room = sectorSize - (size % sectorSize);
    if (record.length > room) {
      parts.push(new Uint8Array(room));
      size += room;
    }
    parts.push(record);
    size += record.length;
  }
  parts.push(new Uint8Array((sectorSize - (size % sectorSize)) % sectorSize));
  return Buffer.concat(parts);
}

/** One entry of the system use area (SUSP 4). */
function entry(signature: string, ...data: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(data);
  return Buffer.concat([Buffer.from(signature, 'latin1'), Uint8Array.of(4 + body.length, 1), body]);
}

function sharingStart(): Uint8Array {
  return entry('SP', Uint8Array.of(0xbe, 0xef, 0));
}

function extensionReference(): Uint8Array {
  const texts = Buffer.from(extension + extensionText, 'latin1');
  return entry('ER', Uint8Array.of(extension.length, extensionText.length, 0, 1), texts);
}

function attributes(node: IsoNode, mtimeSeconds: number): Uint8Array[] {
  const mode = node.file === undefined ? 0o040755 : 0o100000 | (node.file.mode ?? 0o644);
  const subfolders = node.children.filter((child) => child.file === undefined).length;
  const links = node.file === undefined ? 2 + subfolders : 1;
  const time = recordTime(mtimeSeconds);
  const timesGiven = 0b0000_1110;
  return [
    entry('PX', bothEndian32(mode), bothEndian32(links), bothEndian32(0), bothEndian32(0)),
    entry('TF', Uint8Array.of(timesGiven), time, time, time),
  ];
}

function alternateName(name: string): Uint8Array {
  return entry('NM', Uint8Array.of(0), Buffer.from(name));
}
