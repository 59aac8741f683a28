// Plain JavaScript, because Node 20 cannot start a worker from TypeScript and this file must run unbuilt in tests.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { parentPort } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';
import { largestBlock, zstdBlocks } from './zstd-blocks.js';

const pieceSize = 1024 * 1024;
/** Pieces that may be on their way before the other side takes one. */
const ahead = 4;

let underway = 0;
let wake = () => {};

parentPort.on('message', async (message) => {
  if (message === 'taken') {
    underway -= 1;
    return wake();
  }
  try {
    for await (const piece of inPieces(decompress(message.source, message.compression))) await send(piece);
    parentPort.postMessage({ done: true });
  } catch (error) {
    parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
});

async function send(piece) {
  while (underway >= ahead)
    await new Promise((resolve) => {
      wake = resolve;
    });
  underway += 1;
  parentPort.postMessage({ piece }, [piece.buffer]);
}

/** Joins small chunks into pieces whose memory belongs to nothing else. */
async function* inPieces(chunks) {
  let piece = new Uint8Array(pieceSize);
  let used = 0;
  for await (const chunk of chunks)
    for (let start = 0; start < chunk.length; ) {
      const part = chunk.subarray(start, start + pieceSize - used);
      piece.set(part, used);
      used += part.length;
      start += part.length;
      if (used < pieceSize) continue;
      yield piece;
      piece = new Uint8Array(pieceSize);
      used = 0;
    }
  if (used > 0) yield piece.slice(0, used);
}

function decompress(source, compression) {
  const chunks = source.bytes === undefined ? readFrom(source) : [source.bytes];
  switch (compression) {
    case '.gz':
      return Readable.from(chunks).compose(createGunzip({ chunkSize: 256 * 1024 }));
    case '.xz':
      return unxz(chunks);
    case '.zst':
      return unzstd(chunks);
    default:
      return chunks;
  }
}

function readFrom({ path, start, end }) {
  return createReadStream(path, { start, end: end === undefined ? undefined : end - 1, highWaterMark: 256 * 1024 });
}

async function* unxz(chunks) {
  const { default: xz } = await import('xz-decompress');
  yield* new xz.XzReadableStream(Readable.toWeb(Readable.from(chunks)));
}

async function* unzstd(chunks) {
  const { Zstd } = await import('@hpcc-js/wasm-zstd');
  const whole = [];
  for await (const chunk of chunks) whole.push(chunk);
  const zstd = await Zstd.load();
  zstd.reset();
  for (const block of zstdBlocks(Buffer.concat(whole))) yield zstd.decompressChunk(block, largestBlock);
}
