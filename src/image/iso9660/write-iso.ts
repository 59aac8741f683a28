import { open } from 'node:fs/promises';
import { TmachineError } from '../../errors/tmachine-error.ts';
import { type ByteSink, sinkFrom } from '../byte-sink.ts';
import { formatFolder, sectorSize } from './folder-records.ts';
import type { IsoFile } from './iso-file.ts';
import { type IsoFolder, type IsoNode, isoFiles, isoFolders, isoTree } from './iso-tree.ts';
import { formatBootCatalogue, formatDescriptors, formatPathTable, patchBootImage } from './volume.ts';

/** How a disc is made. */
export interface IsoOptions {
  /** At most 32 upper-case letters, digits and `_`. */
  readonly volumeId: string;
  /** Time of everything on the disc, in seconds since the epoch. */
  readonly mtimeSeconds: number;
  /** Path of the file that a BIOS starts, such as `isolinux/isolinux.bin`; its content must be given as bytes. */
  readonly bootImage: string;
  readonly signal: AbortSignal;
}

const firstDescriptor = 16;
const catalogueSector = firstDescriptor + 3;
const pathTablesSector = catalogueSector + 1;
const largestFile = 0xffff_ffff;

/**
 * Writes a disc that a BIOS can start: ISO 9660 (ECMA-119) level 2 with Rock Ridge names and El Torito. Contents lie in the
 * order of `files`, behind the folders. The same files and options give the same bytes.
 * @throws TmachineError IMAGE_TREE_INVALID for names that the disc cannot hold, IMAGE_TOO_LARGE for a file beyond 4 GiB.
 */
export async function writeIso(
  files: readonly IsoFile[],
  sink: ByteSink,
  options: IsoOptions,
): Promise<{ readonly bytes: number }> {
  const root = isoTree(files);
  const folders = isoFolders(root);
  const nodes = isoFiles(folders, files);
  checkBootImage(nodes, options.bootImage);
  const tableSectors = sectorsOf(formatPathTable(folders, 'littleEndian').length);
  const first = placeFolders(folders, pathTablesSector + 2 * tableSectors, options.mtimeSeconds);
  const sectors = await writeFiles(nodes, { sink, options, first });
  await sink.write(formatHead(folders, nodes, { options, sectors }), 0);
  return { bytes: sectors * sectorSize };
}

function checkBootImage(nodes: readonly IsoNode[], path: string): void {
  const source = nodes.find((node) => node.file?.path === path)?.file?.source;
  if (source !== undefined && 'content' in source) return;
  throw new TmachineError(`Cannot make the disc bootable: the content of "${path}" is not given`, {
    code: 'IMAGE_TREE_INVALID',
  });
}

/** The length of a folder depends on names only, so folders get their places before the files are written. */
function placeFolders(folders: readonly IsoFolder[], first: number, mtimeSeconds: number): number {
  let next = first;
  for (const { node, above } of folders) {
    node.sector = next;
    node.size = formatFolder(node, above, mtimeSeconds).length;
    next += sectorsOf(node.size);
  }
  return next;
}

interface Target {
  readonly sink: ByteSink;
  readonly options: IsoOptions;
  /** Sector of the first file. */
  readonly first: number;
}

/** Writes the contents one after the other; gives the sector behind the last one. */
async function writeFiles(nodes: readonly IsoNode[], target: Target): Promise<number> {
  let next = target.first;
  for (const node of nodes) {
    target.options.signal.throwIfAborted();
    node.sector = next;
    node.size = await writeFile(node, target);
    if (node.size > largestFile) {
      throw new TmachineError(`Cannot put "${node.name}" on the disc: it is larger than 4 GiB`, {
        code: 'IMAGE_TOO_LARGE',
      });
    }
    const padding = sectorsOf(node.size) * sectorSize - node.size;
    await target.sink.write(new Uint8Array(padding), next * sectorSize + node.size);
    next += sectorsOf(node.size);
  }
  return next;
}

async function writeFile({ file, sector }: IsoNode, { sink, options }: Target): Promise<number> {
  if (file === undefined) return 0;
  const place = sinkFrom(sink, sector * sectorSize);
  const { source } = file;
  if ('write' in source) return (await source.write(place)).bytes;
  if ('file' in source) return await copyFile(source.file, place, options.signal);
  const content = file.path === options.bootImage ? patchBootImage(source.content, sector) : source.content;
  await place.write(content, 0);
  return content.length;
}

async function copyFile(path: string, sink: ByteSink, signal: AbortSignal): Promise<number> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(1024 * 1024);
    let position = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) return position;
      await sink.write(buffer.subarray(0, bytesRead), position);
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** Everything before the first file. */
function formatHead(
  folders: readonly IsoFolder[],
  nodes: readonly IsoNode[],
  { options, sectors }: { readonly options: IsoOptions; readonly sectors: number },
): Uint8Array {
  const { mtimeSeconds, volumeId } = options;
  const [{ node: root }] = folders as [IsoFolder];
  const bootImage = nodes.find((node) => node.file?.path === options.bootImage);
  const littleEndian = formatPathTable(folders, 'littleEndian');
  const tableSectors = sectorsOf(littleEndian.length);
  const pathTable = {
    size: littleEndian.length,
    littleEndian: pathTablesSector,
    bigEndian: pathTablesSector + tableSectors,
  };
  const parts = [
    new Uint8Array(firstDescriptor * sectorSize),
    formatDescriptors({ volumeId, mtimeSeconds, root, sectors, pathTable, catalogue: catalogueSector }),
    formatBootCatalogue(bootImage?.sector ?? 0),
    inSectors(littleEndian),
    inSectors(formatPathTable(folders, 'bigEndian')),
    ...folders.map(({ node, above }) => formatFolder(node, above, mtimeSeconds)),
  ];
  return Buffer.concat(parts);
}

function inSectors(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes], sectorsOf(bytes.length) * sectorSize);
}

function sectorsOf(bytes: number): number {
  return Math.ceil(bytes / sectorSize);
}
