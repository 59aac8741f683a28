import { moduleFileName } from './kernel-modules.ts';

/** A kernel module as its index needs it. `path` is relative to the kernel's module folder. */
export interface KernelModule {
  readonly path: string;
  readonly content: Uint8Array;
}

/** What a module says about itself in its section `.modinfo`. */
export interface ModuleInfo {
  readonly name: string;
  readonly depends: readonly string[];
  readonly aliases: readonly string[];
  readonly softDependencies: readonly string[];
}

/**
 * Reads the `.modinfo` section of an uncompressed module (ELF64, little endian): strings `key=value`, each ended by NUL.
 * Undefined where the file is no such module.
 */
export function parseModinfo(module: Uint8Array): readonly (readonly [key: string, value: string])[] | undefined {
  const section = findSection(module, '.modinfo');
  if (section === undefined) return undefined;
  return Buffer.from(section)
    .toString('latin1')
    .split('\0')
    .filter((text) => text.includes('='))
    .map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const);
}

/** {@link parseModinfo} as the index uses it; underscores and hyphens in names are one, as in the kernel. */
export function describeModule({ path, content }: KernelModule): ModuleInfo {
  const fields = parseModinfo(content) ?? [];
  const all = (key: string) => fields.filter(([name]) => name === key).map(([, value]) => value);
  return {
    name: moduleName(moduleFileName(path)),
    depends: all('depends').flatMap((names) => names.split(',').filter(Boolean).map(moduleName)),
    aliases: all('alias'),
    softDependencies: all('softdep'),
  };
}

/** The modules named, and all they depend on, dependencies first: the order in which they can be loaded. */
export function planLoadOrder(names: readonly string[], modules: ReadonlyMap<string, ModuleInfo>): readonly string[] {
  const order = new Set<string>();
  const visit = (name: string, path: readonly string[]) => {
    const module = modules.get(name);
    if (module === undefined || order.has(name) || path.includes(name)) return;
    for (const dependency of module.depends) visit(dependency, [...path, name]);
    order.add(name);
  };
  for (const name of names) visit(moduleName(name), []);
  return [...order];
}

/**
 * The text files `modprobe` looks names up in, as depmod(8) writes them: modules.dep (each module's dependencies, the
 * one to load last first), modules.alias and modules.softdep. modules.symbols is left out: only `symbol_request` of
 * drivers that are not kept asks for it, and each lookup would read it.
 */
export function formatModulesIndex(modules: readonly KernelModule[]): Readonly<Record<string, string>> {
  const infos = new Map(modules.map((module) => [moduleName(moduleFileName(module.path)), describeModule(module)]));
  const paths = new Map(modules.map(({ path }) => [moduleName(moduleFileName(path)), path]));
  const dep: string[] = [];
  const alias: string[] = [];
  const softdep: string[] = [];
  for (const [name, info] of infos) {
    const needs = planLoadOrder([name], infos).slice(0, -1).reverse();
    dep.push(`${paths.get(name)}:${needs.map((need) => ` ${paths.get(need)}`).join('')}\n`);
    alias.push(...info.aliases.map((pattern) => `alias ${pattern} ${name}\n`));
    softdep.push(...info.softDependencies.map((text) => `softdep ${name} ${text}\n`));
  }
  return { 'modules.dep': dep.join(''), 'modules.alias': alias.join(''), 'modules.softdep': softdep.join('') };
}

/** The kernel's form of a module's name, with underscores. */
export function moduleName(name: string): string {
  return name.replaceAll('-', '_');
}

function findSection(elf: Uint8Array, wanted: string): Uint8Array | undefined {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  // 0x7f 'E' 'L' 'F', 64 bit, little endian
  if (elf.length < 64 || view.getUint32(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) return undefined;
  const table = Number(view.getBigUint64(40, true));
  const size = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  const header = (index: number) => {
    const at = table + index * size;
    return {
      name: view.getUint32(at, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      length: Number(view.getBigUint64(at + 32, true)),
    };
  };
  if (table + count * size > elf.length) return undefined;
  const names = header(view.getUint16(62, true)).offset;
  const label = Buffer.from(`${wanted}\0`, 'latin1');
  for (let index = 0; index < count; index++) {
    const { name, offset, length } = header(index);
    const start = names + name;
    if (label.equals(elf.subarray(start, start + label.length))) return elf.subarray(offset, offset + length);
  }
  return undefined;
}
