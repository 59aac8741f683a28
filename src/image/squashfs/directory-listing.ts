import type { MetadataPosition } from './metadata.ts';

/** One name in a folder. */
export interface ListedEntry {
  readonly name: string;
  /** Basic type of the inode. */
  readonly type: number;
  readonly number: number;
  readonly inode: MetadataPosition;
}

const mostPerRun = 256;

/** Listing of a folder; the entries come in the order of their names' bytes. */
export function formatListing(entries: readonly ListedEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < entries.length; ) {
    const run = nextRun(entries, start);
    parts.push(formatRunHeader(run), ...run.map((entry) => formatEntry(entry, run[0])));
    start += run.length;
  }
  return Buffer.concat(parts);
}

type Run = readonly [ListedEntry, ...ListedEntry[]];

/** Entries that share a header: their inodes lie in one block of metadata and their numbers are near the first one's. */
function nextRun(entries: readonly ListedEntry[], start: number): Run {
  const first = entries[start] as ListedEntry;
  let end = start + 1;
  for (; end < entries.length && end - start < mostPerRun; end += 1) {
    const entry = entries[end] as ListedEntry;
    if (entry.inode.block !== first.inode.block || Math.abs(entry.number - first.number) > 32767) break;
  }
  return [first, ...entries.slice(start + 1, end)];
}

function formatRunHeader(run: Run): Uint8Array {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(run.length - 1, 0);
  header.writeUInt32LE(run[0].inode.block, 4);
  header.writeUInt32LE(run[0].number, 8);
  return header;
}

function formatEntry(entry: ListedEntry, first: ListedEntry): Uint8Array {
  const name = Buffer.from(entry.name);
  const record = Buffer.alloc(8 + name.length);
  record.writeUInt16LE(entry.inode.offset, 0);
  record.writeInt16LE(entry.number - first.number, 2);
  record.writeUInt16LE(entry.type, 4);
  record.writeUInt16LE(name.length - 1, 6);
  name.copy(record, 8);
  return record;
}
