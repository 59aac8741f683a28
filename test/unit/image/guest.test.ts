import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { formatAccountFiles } from '../../../src/image/guest/accounts.ts';
import { formatIsolinuxConfig, kernelParameters } from '../../../src/image/guest/boot-loader.ts';
import { listApplets, planAppletLinks } from '../../../src/image/guest/busybox-links.ts';
import { isDroppedPath } from '../../../src/image/guest/dropped-paths.ts';
import { readGuestFiles } from '../../../src/image/guest/guest-files.ts';
import { initramfsModules, isKeptModule } from '../../../src/image/guest/kernel-modules.ts';
import { assumedPackages, guestPackages } from '../../../src/image/guest/packages.ts';
import { describeWith } from '../../support/requires.ts';

const filesFolder = join(import.meta.dirname, '../../../src/image/guest/files');

describeWith(['shellcheck'], 'the scripts of the guest', () => {
  it('pass shellcheck', async () => {
    const found = await readdir(filesFolder, { recursive: true, withFileTypes: true });
    const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const scripts: string[] = [];
    for (const path of paths) {
      if (path.endsWith('.sh') || (await readFile(path, 'utf8')).startsWith('#!')) scripts.push(path);
    }
    expect(scripts.length).toBeGreaterThan(15);
    // Sourced files lie elsewhere here than in the guest.
    const options = ['--shell=dash', '--exclude=SC1090,SC1091', ...scripts];
    const { stdout } = await promisify(execFile)('shellcheck', options).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  }, 30_000);
});

describe('the guest’s own files', () => {
  it('readGuestFiles() makes scripts executable and sudo’s rules read-only', async () => {
    const { root, initramfs } = await readGuestFiles();
    const modes = new Map(root.map(({ path, mode }) => [path, mode]));
    expect(modes.get('usr/lib/tmachine/boot')).toBe(0o755);
    expect(modes.get('usr/lib/tmachine/disk.sh')).toBe(0o644);
    expect(modes.get('etc/sudoers.d/docker')).toBe(0o440);
    expect(initramfs.map(({ path, mode }) => [path, mode])).toEqual([['init', 0o755]]);
  });
});

describe('accounts', () => {
  it('formatAccountFiles() shuts passwords without locking accounts, and numbers docker as boot2docker did', () => {
    const { passwd, group, shadow } = formatAccountFiles();
    expect(passwd).toContain('docker:x:1000:50:Docker:/home/docker:/bin/bash\n');
    expect(group).toContain('docker:x:100:docker\n');
    expect(shadow.trimEnd().split('\n')).toHaveLength(passwd.trimEnd().split('\n').length);
    for (const line of shadow.trimEnd().split('\n')) expect(line.split(':')[1]).toBe('*');
  });
});

describe('boot loader', () => {
  it('formatIsolinuxConfig() boots without a prompt and keeps the processor’s mitigations', () => {
    const config = formatIsolinuxConfig(['tmachine.shell']);
    expect(config).toContain('PROMPT 0\n');
    expect(config).toMatch(/APPEND .*console=ttyS0.* tmachine\.shell\n/);
    expect(kernelParameters.join(' ')).not.toContain('mitigations');
  });
});

describe('busybox', () => {
  const executable = Buffer.from('\x7fELF…[\0[[\0ash\0dpkg\0init\0ip\0zcat\0\0more', 'latin1');

  it('listApplets() reads the table of names in the executable', () => {
    expect(listApplets(executable)).toEqual(['[', '[[', 'ash', 'dpkg', 'init', 'ip', 'zcat']);
    expect(listApplets(Buffer.from('no table'))).toEqual([]);
  });

  it('planAppletLinks() gives way to real programs', () => {
    const links = planAppletLinks(listApplets(executable), new Set(['usr/sbin/ip']));
    expect(links.map((link) => [link.path, 'target' in link && link.target])).toEqual([
      ['usr/bin/[', 'busybox'],
      ['usr/bin/[[', 'busybox'],
      ['usr/bin/ash', 'busybox'],
      ['usr/sbin/init', '../bin/busybox'],
      ['usr/bin/zcat', 'busybox'],
    ]);
  });
});

describe('what is kept', () => {
  it('isDroppedPath() drops documentation and keeps programs', () => {
    expect(isDroppedPath('usr/share/doc/curl/copyright')).toBe(true);
    expect(isDroppedPath('usr/share/docs-of-another')).toBe(false);
    expect(isDroppedPath('usr/sbin/dockerd')).toBe(false);
    expect(isDroppedPath('usr/lib/x86_64-linux-gnu/security/pam_unix.so')).toBe(true);
    expect(isDroppedPath('usr/lib/x86_64-linux-gnu/security/pam_permit.so')).toBe(false);
  });

  it.each([
    ['kernel/fs/ext4/ext4.ko.xz', true],
    ['kernel/fs/vboxsf/vboxsf.ko.xz', true],
    ['kernel/drivers/net/virtio_net.ko.xz', true],
    ['kernel/drivers/net/ethernet/intel/e1000/e1000.ko.xz', true],
    ['kernel/drivers/gpu/drm/i915/i915.ko.xz', false],
    ['kernel/net/wireless/cfg80211.ko.xz', false],
    ['kernel/lib/test_bpf.ko.xz', false],
  ])('isKeptModule() decides on %s', (path, kept) => {
    expect(isKeptModule(path)).toBe(kept);
  });

  it('the initramfs asks for no module twice', () => {
    expect(new Set(initramfsModules).size).toBe(initramfsModules.length);
  });

  it('no package is both wanted and assumed', () => {
    expect(guestPackages.filter((name) => assumedPackages.includes(name))).toEqual([]);
  });
});
