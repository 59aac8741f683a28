// Plain JavaScript, because Node 20 cannot start a worker from TypeScript and this file must run unbuilt in tests.
import { parentPort, workerData } from 'node:worker_threads';
import { Zstd } from '@hpcc-js/wasm-zstd';

const level = workerData.level;
const zstd = await Zstd.load();
const compress = compressInPlace() ?? ((block) => zstd.compress(block, level));

parentPort.on('message', (block) => {
  const compressed = compress(block);
  parentPort.postMessage(compressed, [compressed.buffer]);
});

/**
 * The same call that `Zstd.compress` makes, on memory that is allocated once and without its detour through an array of
 * numbers, which costs more than the compression up to level 9. Absent when a release of the library looks different inside.
 */
function compressInPlace() {
  const memory = zstd._mainModule;
  const library = zstd._zstdClass;
  if (typeof memory?.malloc !== 'function' || typeof library?.compress !== 'function') return undefined;
  if (!(memory._module?.HEAPU8 instanceof Uint8Array)) return undefined;
  const inputSize = workerData.blockSize;
  const outputSize = library.compressBound(inputSize);
  const input = memory.malloc(inputSize).ptr;
  const output = memory.malloc(outputSize).ptr;
  return (block) => {
    if (block.length > inputSize) throw new RangeError(`a block of ${block.length} bytes is larger than ${inputSize}`);
    memory._module.HEAPU8.set(block, input);
    const size = library.compress(output, outputSize, input, block.length, level);
    if (library.isError(size)) throw new Error(`zstd: ${library.getErrorName(size)}`);
    return memory._module.HEAPU8.slice(output, output + size);
  };
}
