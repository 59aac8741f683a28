import { isKeptModule, moduleFileName } from './kernel-modules.ts';
import { describeModule, type KernelModule, moduleName } from './modules-index.ts';

/**
 * The modules the guest keeps, and all they depend on, unpacked (the root file system is compressed as a whole) and in
 * the given order.
 */
export async function keepModules(
  modules: readonly KernelModule[],
  decompressXz: (packed: Uint8Array) => Promise<Uint8Array>,
): Promise<readonly KernelModule[]> {
  const packed = new Map(modules.map((module) => [moduleName(moduleFileName(module.path)), module]));
  const kept = new Map<string, KernelModule>();
  const queue = modules.filter(({ path }) => isKeptModule(path)).map(({ path }) => moduleName(moduleFileName(path)));
  for (const name of queue) {
    const module = packed.get(name);
    if (module === undefined || kept.has(name)) continue;
    const unpacked = await unpack(module, decompressXz);
    kept.set(name, unpacked);
    queue.push(...describeModule(unpacked).depends);
  }
  return [...packed.keys()].flatMap((name) => kept.get(name) ?? []);
}

async function unpack(
  { path, content }: KernelModule,
  decompressXz: (packed: Uint8Array) => Promise<Uint8Array>,
): Promise<KernelModule> {
  if (!path.endsWith('.xz')) return { path, content: stripSignature(content) };
  return { path: path.slice(0, -'.xz'.length), content: stripSignature(await decompressXz(content)) };
}

const signatureMark = Buffer.from('~Module signature appended~\n', 'latin1');

/**
 * A module without the signature at its end (include/linux/module_signature.h). The kernel would check it at each load,
 * for a tenth of the boot, and load the module all the same if it were wrong, since nothing makes it insist.
 */
export function stripSignature(module: Uint8Array): Uint8Array {
  const markAt = module.length - signatureMark.length;
  if (markAt < 12 || !signatureMark.equals(module.subarray(markAt))) return module;
  // Twelve bytes of description end with the signature's length.
  const length = new DataView(module.buffer, module.byteOffset).getUint32(markAt - 4);
  return module.subarray(0, Math.max(markAt - 12 - length, 0));
}
