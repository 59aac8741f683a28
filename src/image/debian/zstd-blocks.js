const frameMagic = 0xfd2fb528;
/** A block decompresses to this many bytes at most. */
export const largestBlock = 128 * 1024;

/**
 * Cuts zstd frames (RFC 8878, section 3) at the borders of their blocks, so that a decompressor which drops what does
 * not fit into its output can be fed one block at a time.
 */
export function* zstdBlocks(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const magic = view.getUint32(at, true);
    if (magic >>> 4 === 0x184d2a5) {
      at += 8 + view.getUint32(at + 4, true);
      continue;
    }
    if (magic !== frameMagic) throw new Error('it is not compressed with zstd');
    const descriptor = view.getUint8(at + 4);
    const header = frameHeaderSize(descriptor);
    yield bytes.subarray(at, at + header);
    at += header;
    for (let last = false; !last; ) {
      const block = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      last = (block & 1) === 1;
      const isRun = ((block >> 1) & 3) === 1;
      const end = at + 3 + (isRun ? 1 : block >> 3);
      if (end > bytes.length) throw new Error('it is cut short');
      yield bytes.subarray(at, end);
      at = end;
    }
    const checksum = (descriptor & 4) === 0 ? 0 : 4;
    if (checksum > 0) yield bytes.subarray(at, at + checksum);
    at += checksum;
  }
}

function frameHeaderSize(descriptor) {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const dictionary = [0, 1, 2, 4][descriptor & 3];
  return 5 + (isSingleSegment ? 0 : 1) + dictionary + contentSize;
}
