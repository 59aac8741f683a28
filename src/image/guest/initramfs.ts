import type { TreeEntry } from '../tree.ts';
import { initramfsModules, moduleFileName } from './kernel-modules.ts';
import { describeModule, formatModulesIndex, type KernelModule, moduleName, planLoadOrder } from './modules-index.ts';

/** What the initramfs is made from. */
export interface InitramfsParts {
  readonly busybox: Uint8Array;
  readonly kernelVersion: string;
  /** All modules the guest keeps, unpacked. */
  readonly modules: readonly KernelModule[];
  readonly files: readonly TreeEntry[];
}

/** A busybox, the drivers that reach the boot medium, and the script that does. */
export function planInitramfs({ busybox, kernelVersion, modules, files }: InitramfsParts): readonly TreeEntry[] {
  const owner = { uid: 0, gid: 0 } as const;
  const folders = ['bin', 'dev', 'lib', 'lib/modules', 'lower', 'medium', 'proc', 'root', 'sys', 'writable'];
  const moduleFolder = `lib/modules/${kernelVersion}`;
  const chosen = chooseModules(modules).map(({ path, content }) => ({ path: path.replace(/^.*\//, ''), content }));
  return [
    ...[...folders, moduleFolder].map((path): TreeEntry => ({ type: 'directory', path, mode: 0o755, ...owner })),
    // The kernel opens it for init before init can mount anything.
    { type: 'device', kind: 'character', path: 'dev/console', mode: 0o600, major: 5, minor: 1, ...owner },
    { type: 'file', path: 'bin/busybox', mode: 0o755, content: busybox, ...owner },
    ...chosen.map(
      ({ path, content }): TreeEntry => ({
        type: 'file',
        path: `${moduleFolder}/${path}`,
        mode: 0o644,
        content,
        ...owner,
      }),
    ),
    ...Object.entries(formatModulesIndex(chosen)).map(
      ([name, text]): TreeEntry => ({
        type: 'file',
        path: `${moduleFolder}/${name}`,
        mode: 0o644,
        content: Buffer.from(text),
        ...owner,
      }),
    ),
    ...files,
  ];
}

function chooseModules(modules: readonly KernelModule[]): readonly KernelModule[] {
  const byName = new Map(modules.map((module) => [moduleName(moduleFileName(module.path)), module]));
  const infos = new Map([...byName].map(([name, module]) => [name, describeModule(module)]));
  return planLoadOrder(initramfsModules, infos).flatMap((name) => byName.get(name) ?? []);
}
