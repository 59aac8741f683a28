import { describe, expect, it } from 'vitest';
import type { PackageTree } from '../../../src/image/guest/merge-packages.ts';
import { planRootfs } from '../../../src/image/rootfs.ts';
import type { TreeEntry } from '../../../src/image/tree.ts';
import { moduleFile } from '../../support/module-file.ts';

const owner = { uid: 0, gid: 0 } as const;
const file = (path: string, content: string | Uint8Array = path, mode = 0o644): TreeEntry => ({
  type: 'file',
  path,
  mode,
  ...owner,
  content: typeof content === 'string' ? Buffer.from(content) : content,
});
const folder = (path: string): TreeEntry => ({ type: 'directory', path, mode: 0o755, ...owner });

const modules = 'lib/modules/6.1-test/kernel/fs';
const packages: readonly PackageTree[] = [
  { name: 'docker.io', version: '2:26.1.5+dfsg1-9', entries: [folder('usr/sbin'), file('usr/sbin/dockerd')] },
  { name: 'busybox-static', version: '1', entries: [file('bin/busybox', '..[\0[[\0init\0ip\0\0', 0o755)] },
  { name: 'iproute2', version: '1', entries: [file('bin/ip'), file('usr/share/doc/iproute2/copyright')] },
  {
    name: 'ca-certificates',
    version: '1',
    entries: [file('usr/share/ca-certificates/z/B.crt', 'b\n'), file('usr/share/ca-certificates/z/A.crt', 'a')],
  },
  {
    name: 'linux-image-6.1-test',
    version: '6.1',
    entries: [
      file('boot/vmlinuz-6.1-test', 'kernel'),
      folder(modules),
      file(`${modules}/overlayfs/overlay.ko.xz`, moduleFile(['alias=fs-overlay'])),
      file(`${modules}/ext4/ext4.ko.xz`, moduleFile(['alias=fs-ext4'])),
      file('lib/modules/6.1-test/kernel/sound/sound.ko.xz', moduleFile([])),
    ],
  },
  {
    name: 'isolinux',
    version: '3',
    entries: [file('usr/lib/ISOLINUX/isolinux.bin')],
  },
  { name: 'syslinux-common', version: '3', entries: [file('usr/lib/syslinux/modules/bios/ldlinux.c32')] },
];
const options = {
  files: { root: [file('etc/hostname', 'boot2docker\n')], initramfs: [file('init', '#!', 0o755)] },
  decompressXz: async (bytes: Uint8Array) => bytes,
};

describe('planRootfs()', () => {
  it('merges /bin and /lib into /usr, drops documentation, and orders the tree with all its folders', async () => {
    const { root } = await planRootfs(packages, options);
    const paths = root.map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
    expect(paths).toContain('usr/bin/ip');
    expect(paths.filter((path) => path.startsWith('bin/') || path.includes('/doc/'))).toEqual([]);
    for (const path of paths) {
      const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
      if (parent !== '') expect(paths).toContain(parent);
    }
  });

  it('links busybox where no package has the program', async () => {
    const { root } = await planRootfs(packages, options);
    const target = (path: string) => root.find((entry) => entry.path === path && entry.type === 'symlink');
    expect(target('usr/sbin/init')).toMatchObject({ target: '../bin/busybox' });
    expect(target('usr/bin/ip')).toBeUndefined();
    expect(target('bin')).toMatchObject({ target: 'usr/bin' });
    expect(target('usr/sbin/iptables')).toMatchObject({ target: 'xtables-nft-multi' });
  });

  it('unpacks and indexes the modules it keeps, and gives the initramfs its share', async () => {
    const { root, initramfs, kernelVersion } = await planRootfs(packages, options);
    expect(kernelVersion).toBe('6.1-test');
    expect(text(root, 'usr/lib/modules/6.1-test/modules.dep')).toBe(
      'kernel/fs/overlayfs/overlay.ko:\nkernel/fs/ext4/ext4.ko:\n',
    );
    expect(root.some(({ path }) => path.includes('sound'))).toBe(false);
    expect(text(initramfs, 'lib/modules/6.1-test/modules.dep')).toBe('overlay.ko:\n');
    expect(initramfs.some(({ path }) => path.endsWith('ext4.ko'))).toBe(false);
    expect(initramfs.at(-1)?.path).toBe('init');
  });

  it('writes what maintainer scripts would have written', async () => {
    const { root, engineVersion, kernel } = await planRootfs(packages, options);
    expect(engineVersion).toBe('26.1.5');
    expect(Buffer.from(kernel).toString()).toBe('kernel');
    expect(text(root, 'etc/os-release')).toContain('\nID=boot2docker\n');
    expect(text(root, 'etc/ssl/certs/ca-certificates.crt')).toBe('a\nb\n');
    expect(root.find(({ path }) => path === 'etc/shadow')?.mode).toBe(0o640);
    expect(text(root, 'etc/hostname')).toBe('boot2docker\n');
  });

  it('puts the boot loader where the medium boots from', async () => {
    const { bootLoader } = await planRootfs(packages, { ...options, extraKernelParameters: ['extra=1'] });
    expect(bootLoader.map(({ path }) => path)).toEqual([
      'isolinux/isolinux.bin',
      'isolinux/ldlinux.c32',
      'isolinux/isolinux.cfg',
    ]);
    expect(text(bootLoader, 'isolinux/isolinux.cfg')).toContain(' extra=1\n');
  });

  it.each([
    ['docker.io', /docker\.io is missing/],
    ['busybox-static', /usr\/bin\/busybox is missing/],
    ['linux-image-6.1-test', /no package brings a kernel/],
    ['isolinux', /isolinux\.bin is missing/],
  ])('says what is missing without %s', async (name, reason) => {
    const rest = packages.filter((each) => each.name !== name);
    await expect(planRootfs(rest, options)).rejects.toMatchObject({
      code: 'IMAGE_INCOMPLETE',
      message: expect.stringMatching(reason),
    });
  });
});

function text(entries: readonly TreeEntry[], path: string): string | undefined {
  const found = entries.find((entry) => entry.path === path);
  return found?.type === 'file' ? Buffer.from(found.content).toString() : undefined;
}
