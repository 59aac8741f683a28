import { bothEndian16, bothEndian32, paddedText, volumeTime } from './fields.ts';
import { formatRootRecord, sectorSize } from './folder-records.ts';
import type { IsoFolder, IsoNode } from './iso-tree.ts';

/** What the first sectors of the disc say. */
export interface Volume {
  readonly volumeId: string;
  readonly mtimeSeconds: number;
  readonly root: IsoNode;
  /** Length of the disc in sectors. */
  readonly sectors: number;
  readonly pathTable: { readonly size: number; readonly littleEndian: number; readonly bigEndian: number };
  /** Sector of the boot catalogue. */
  readonly catalogue: number;
}

/** The volume descriptors, which begin at sector 16 (ECMA-119 8): primary, El Torito's boot record, terminator. */
export function formatDescriptors(volume: Volume): Uint8Array {
  return Buffer.concat([formatPrimary(volume), formatBootRecord(volume.catalogue), descriptor(255, [])]);
}

function formatPrimary({ volumeId, mtimeSeconds, root, sectors, pathTable }: Volume): Uint8Array {
  const tables = Buffer.alloc(16);
  tables.writeUInt32LE(pathTable.littleEndian, 0);
  tables.writeUInt32BE(pathTable.bigEndian, 8);
  const time = volumeTime(mtimeSeconds);
  const never = Buffer.from(`${'0'.repeat(16)}\0`, 'latin1');
  return descriptor(1, [
    new Uint8Array(1),
    paddedText('LINUX', 32),
    paddedText(volumeId, 32),
    new Uint8Array(8),
    bothEndian32(sectors),
    new Uint8Array(32),
    bothEndian16(1),
    bothEndian16(1),
    bothEndian16(sectorSize),
    bothEndian32(pathTable.size),
    tables,
    formatRootRecord(root, mtimeSeconds),
    paddedText('', 4 * 128 + 3 * 37),
    time,
    time,
    never,
    time,
    Uint8Array.of(1),
  ]);
}

function formatBootRecord(catalogue: number): Uint8Array {
  const pointer = Buffer.alloc(4);
  pointer.writeUInt32LE(catalogue);
  return descriptor(0, [Buffer.from('EL TORITO SPECIFICATION'.padEnd(64, '\0'), 'latin1'), pointer]);
}

function descriptor(type: number, fields: readonly Uint8Array[]): Uint8Array {
  const start = Buffer.concat([Uint8Array.of(type), Buffer.from('CD001'), Uint8Array.of(1)]);
  return Buffer.concat([start, ...fields], sectorSize);
}

/** El Torito's boot catalogue with one entry, for a BIOS and without emulation of a diskette (El Torito 1.0, 2). */
export function formatBootCatalogue(bootImageSector: number): Uint8Array {
  const catalogue = Buffer.alloc(sectorSize);
  catalogue[0] = 1;
  catalogue.writeUInt16LE(0xaa55, 30);
  let sum = 0;
  for (let at = 0; at < 32; at += 2) sum += catalogue.readUInt16LE(at);
  catalogue.writeUInt16LE((0x10000 - sum) & 0xffff, 28);
  catalogue[32] = 0x88;
  // The BIOS loads 4 sectors of 512 bytes; isolinux loads the rest of itself.
  catalogue.writeUInt16LE(4, 38);
  catalogue.writeUInt32LE(bootImageSector, 40);
  return catalogue;
}

/** The boot image with the table at bytes 8 to 63 by which isolinux finds itself on the disc (mkisofs' boot-info-table). */
export function patchBootImage(image: Uint8Array, sector: number): Uint8Array {
  const patched = Buffer.concat([image], image.length + ((4 - (image.length % 4)) % 4));
  let sum = 0;
  for (let at = 64; at < patched.length; at += 4) sum = (sum + patched.readUInt32LE(at)) >>> 0;
  patched.fill(0, 8, 64);
  patched.writeUInt32LE(16, 8);
  patched.writeUInt32LE(sector, 12);
  patched.writeUInt32LE(image.length, 16);
  patched.writeUInt32LE(sum, 20);
  return patched.subarray(0, image.length);
}

/** A path table in one byte order (ECMA-119 9.4). */
export function formatPathTable(folders: readonly IsoFolder[], order: 'littleEndian' | 'bigEndian'): Uint8Array {
  return Buffer.concat(
    folders.map(({ node, aboveIndex }) => {
      const identifier = Buffer.from(node.identifier || '\0', 'latin1');
      const record = Buffer.alloc(8 + identifier.length + (identifier.length % 2));
      record[0] = identifier.length;
      if (order === 'littleEndian') {
        record.writeUInt32LE(node.sector, 2);
        record.writeUInt16LE(aboveIndex + 1, 6);
      } else {
        record.writeUInt32BE(node.sector, 2);
        record.writeUInt16BE(aboveIndex + 1, 6);
      }
      identifier.copy(record, 8);
      return record;
    }),
  );
}
