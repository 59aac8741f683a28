import { TmachineError } from '../errors/tmachine-error.ts';
import { formatIsolinuxConfig, mediumPaths } from './guest/boot-loader.ts';
import { listApplets, planAppletLinks } from './guest/busybox-links.ts';
import type { GuestFiles } from './guest/guest-files.ts';
import { planInitramfs } from './guest/initramfs.ts';
import { keepModules } from './guest/keep-modules.ts';
import { completeTree, mergePackages, type PackageTree, type Tree } from './guest/merge-packages.ts';
import { formatModulesIndex, type KernelModule } from './guest/modules-index.ts';
import { planSystemFiles } from './guest/system-files.ts';
import type { TreeEntry } from './tree.ts';

/** What the builder lends to the plan. */
export interface RootfsOptions {
  readonly files: GuestFiles;
  /** Unpacks an .xz stream. */
  readonly decompressXz: (packed: Uint8Array) => Promise<Uint8Array>;
  /** Parameters for the kernel beyond those every guest has. */
  readonly extraKernelParameters?: readonly string[];
}

/** All parts of a bootable medium, still as files. */
export interface GuestImage {
  /** The root file system: complete, ordered by path. */
  readonly root: readonly TreeEntry[];
  readonly kernel: Uint8Array;
  readonly kernelVersion: string;
  /** Version of the Docker engine without Debian's revision: `26.1.5`. */
  readonly engineVersion: string;
  readonly initramfs: readonly TreeEntry[];
  /** The boot loader's files, by their path on the medium. */
  readonly bootLoader: readonly TreeEntry[];
}

/**
 * Merges unpacked packages and the guest's own files into the parts of a boot medium, doing what maintainer scripts
 * would have done.
 *
 * @throws TmachineError `IMAGE_INCOMPLETE` when a package or a file the guest cannot do without is missing.
 */
export async function planRootfs(packages: readonly PackageTree[], options: RootfsOptions): Promise<GuestImage> {
  const { kernel, kernelVersion } = findKernel(packages);
  const tree = mergePackages(packages.filter(({ name }) => !isBootLoader(name)));
  const modules = await keepModules(takeModules(tree, kernelVersion), options.decompressXz);
  const busybox = requireFile(tree, 'usr/bin/busybox');
  const engineVersion = findEngineVersion(packages);
  addAll(tree, planModuleFiles(modules, kernelVersion));
  addAll(tree, planSystemFiles(tree, { engine: engineVersion, kernel: kernelVersion }));
  addAll(tree, options.files.root);
  addAll(tree, planAppletLinks(listApplets(busybox), new Set(tree.keys())));
  for (const path of [...tree.keys()]) if (path.startsWith('usr/share/ca-certificates/')) tree.delete(path);
  return {
    root: completeTree(tree),
    kernel,
    kernelVersion,
    engineVersion,
    initramfs: planInitramfs({ busybox, kernelVersion, modules, files: options.files.initramfs }),
    bootLoader: planBootLoader(packages, options.extraKernelParameters),
  };
}

function findKernel(packages: readonly PackageTree[]): { kernel: Uint8Array; kernelVersion: string } {
  for (const { entries } of packages) {
    for (const entry of entries) {
      const version = /^boot\/vmlinuz-(.+)$/.exec(entry.path)?.[1];
      if (version !== undefined && entry.type === 'file') return { kernel: entry.content, kernelVersion: version };
    }
  }
  throw incomplete('no package brings a kernel');
}

/** Takes the kernel's modules out of the tree: those kept come back unpacked. */
function takeModules(tree: Tree, kernelVersion: string): readonly KernelModule[] {
  const folder = `usr/lib/modules/${kernelVersion}/`;
  const modules: KernelModule[] = [];
  for (const entry of [...tree.values()]) {
    if (!entry.path.startsWith(folder)) continue;
    if (entry.type === 'directory') tree.delete(entry.path);
    if (entry.type !== 'file' || !/\.ko(\.xz)?$/.test(entry.path)) continue;
    tree.delete(entry.path);
    modules.push({ path: entry.path.slice(folder.length), content: entry.content });
  }
  return modules;
}

function planModuleFiles(modules: readonly KernelModule[], kernelVersion: string): readonly TreeEntry[] {
  const index = Object.entries(formatModulesIndex(modules)).map(([path, text]) => ({
    path,
    content: Buffer.from(text),
  }));
  return [...modules, ...index].map(({ path, content }) => ({
    type: 'file',
    path: `usr/lib/modules/${kernelVersion}/${path}`,
    mode: 0o644,
    uid: 0,
    gid: 0,
    content,
  }));
}

function findEngineVersion(packages: readonly PackageTree[]): string {
  const version = packages.find(({ name }) => name === 'docker.io')?.version;
  if (version === undefined) throw incomplete('the package docker.io is missing');
  return version.replace(/^\d+:/, '').replace(/[+~-].*$/, '');
}

function isBootLoader(name: string): boolean {
  return name === 'isolinux' || name === 'syslinux-common';
}

function planBootLoader(packages: readonly PackageTree[], extra: readonly string[] | undefined): readonly TreeEntry[] {
  const entries = packages.filter(({ name }) => isBootLoader(name)).flatMap((each) => each.entries);
  const take = (source: string, path: string): TreeEntry => {
    const found = entries.find((entry) => entry.path === source);
    if (found?.type !== 'file') throw incomplete(`the boot loader's file ${source} is missing`);
    return { ...found, path, mode: 0o644 };
  };
  const config = Buffer.from(formatIsolinuxConfig(extra));
  return [
    take('usr/lib/ISOLINUX/isolinux.bin', mediumPaths.bootLoader),
    take('usr/lib/syslinux/modules/bios/ldlinux.c32', 'isolinux/ldlinux.c32'),
    { type: 'file', path: 'isolinux/isolinux.cfg', mode: 0o644, uid: 0, gid: 0, content: config },
  ];
}

function requireFile(tree: Tree, path: string): Uint8Array {
  const entry = tree.get(path);
  if (entry?.type !== 'file') throw incomplete(`the file /${path} is missing`);
  return entry.content;
}

function addAll(tree: Tree, entries: readonly TreeEntry[]): void {
  for (const entry of entries) tree.set(entry.path, entry);
}

function incomplete(reason: string): TmachineError {
  return new TmachineError(`Cannot put the boot image together: ${reason}`, {
    code: 'IMAGE_INCOMPLETE',
    hint: 'The suite may have renamed a package; try --suite trixie',
  });
}
