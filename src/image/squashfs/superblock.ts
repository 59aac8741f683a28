/** Where the parts of a squashfs lie, in bytes from its start. */
export interface SquashfsLayout {
  readonly inodeCount: number;
  readonly fragmentCount: number;
  readonly idCount: number;
  readonly rootInode: bigint;
  readonly inodeTable: number;
  readonly directoryTable: number;
  /** Missing when there are no fragments. */
  readonly fragmentTable: number | undefined;
  readonly idTable: number;
  readonly bytesUsed: number;
}

/** What a squashfs says about itself beside its layout. */
export interface SuperblockOptions {
  readonly mtimeSeconds: number;
  /** A power of two from 4096 to 1048576. */
  readonly blockSize: number;
  readonly level: number;
}

const zstd = 6;
const flags = { noFragments: 0x10, duplicatesRemoved: 0x40, noXattrs: 0x200, compressorOptions: 0x400 };
const absent = 0xffff_ffff_ffff_ffffn;

/** Bytes before the first data block: superblock and compressor options. */
export const headSize: number = 96 + 6;

/** Superblock of squashfs 4.0 (fs/squashfs/squashfs_fs.h in Linux) and the options of its compressor. */
export function formatHead(layout: SquashfsLayout, options: SuperblockOptions): Uint8Array {
  const head = Buffer.alloc(headSize);
  head.write('hsqs', 0, 'latin1');
  head.writeUInt32LE(layout.inodeCount, 4);
  head.writeUInt32LE(options.mtimeSeconds, 8);
  head.writeUInt32LE(options.blockSize, 12);
  head.writeUInt32LE(layout.fragmentCount, 16);
  head.writeUInt16LE(zstd, 20);
  head.writeUInt16LE(Math.log2(options.blockSize), 22);
  const fragments = layout.fragmentTable === undefined ? flags.noFragments : 0;
  head.writeUInt16LE(fragments | flags.duplicatesRemoved | flags.noXattrs | flags.compressorOptions, 24);
  head.writeUInt16LE(layout.idCount, 26);
  head.writeUInt16LE(4, 28);
  head.writeBigUInt64LE(layout.rootInode, 32);
  head.writeBigUInt64LE(BigInt(layout.bytesUsed), 40);
  head.writeBigUInt64LE(BigInt(layout.idTable), 48);
  head.writeBigUInt64LE(absent, 56);
  head.writeBigUInt64LE(BigInt(layout.inodeTable), 64);
  head.writeBigUInt64LE(BigInt(layout.directoryTable), 72);
  head.writeBigUInt64LE(layout.fragmentTable === undefined ? absent : BigInt(layout.fragmentTable), 80);
  head.writeBigUInt64LE(absent, 88);
  // A metadata block of 4 bytes, stored as it is: zstd's level, which only mksquashfs and unsquashfs read.
  head.writeUInt16LE(0x8000 | 4, 96);
  head.writeUInt32LE(options.level, 98);
  return head;
}
