/** Folders (after the merge into usr/) the guest does without. */
const droppedFolders: readonly string[] = [
  'boot',
  'etc/apparmor.d',
  'etc/cron.d',
  'etc/cron.daily',
  'etc/cron.weekly',
  'etc/default',
  'etc/init.d',
  'etc/kernel',
  'etc/logcheck',
  'etc/network',
  'etc/pam.d',
  'etc/ppp',
  'etc/security',
  'etc/skel',
  'etc/sudoers.d',
  'etc/ufw',
  'etc/update-motd.d',
  'usr/include',
  'usr/lib/dracut',
  'usr/lib/init',
  'usr/lib/networkd-dispatcher',
  'usr/lib/NetworkManager',
  'usr/lib/pcrlock.d',
  'usr/lib/runit-helper',
  'usr/lib/ssl/misc',
  'usr/lib/systemd',
  'usr/lib/sysusers.d',
  'usr/lib/tc',
  'usr/lib/tmpfiles.d',
  'usr/lib/udev',
  'usr/lib/valgrind',
  'usr/lib/x86_64-linux-gnu/gconv',
  'usr/lib/x86_64-linux-gnu/krb5',
  'usr/lib/x86_64-linux-gnu/ossl-modules',
  'usr/lib/x86_64-linux-gnu/engines-3',
  'usr/lib/x86_64-linux-gnu/perl-base',
  'usr/libexec/sudo/audit_json',
  'usr/share/apport',
  'usr/share/base-files',
  'usr/share/bash-completion',
  'usr/share/bug',
  'usr/share/common-licenses',
  'usr/share/debconf',
  'usr/share/debianutils',
  'usr/share/dict',
  'usr/share/dh-elpa',
  'usr/share/doc',
  'usr/share/doc-base',
  'usr/share/docker.io',
  'usr/share/elvish',
  'usr/share/fish',
  'usr/share/gcc',
  'usr/share/gdb',
  'usr/share/info',
  'usr/share/initramfs-tools',
  'usr/share/libc-bin',
  'usr/share/lintian',
  'usr/share/locale',
  'usr/share/man',
  'usr/share/menu',
  'usr/share/pam',
  'usr/share/pam-configs',
  'usr/share/perl5',
  'usr/share/pixmaps',
  'usr/share/polkit-1',
  'usr/share/zsh',
  'var/cache/apparmor',
];

/** Single files that are big, or would ask for more than they give. */
const droppedFiles: ReadonlySet<string> = new Set([
  'usr/bin/containerd-shim', // shims of older API versions
  'usr/bin/containerd-shim-runc-v1',
  'usr/bin/containerd-stress',
  'usr/bin/ctr', // reaches nothing `docker` does not
  'etc/ca-certificates.conf',
  'etc/containerd/config.toml',
  'etc/sysctl.conf',
  'etc/ssh/sshd_config',
  'usr/bin/sshd_config',
  'etc/motd',
]);

/** Plug-ins kept of folders that hold many. */
const keptPlugIns: readonly (readonly [folder: string, names: RegExp])[] = [
  ['usr/lib/x86_64-linux-gnu/security/', /^pam_(deny|permit)\.so$/],
  ['usr/libexec/sudo/', /^(sudoers|sudo_noexec|libsudo_util)\.so(\.|$)/],
];

/** Whether a path of a package, merged into usr/, stays out of the guest. */
export function isDroppedPath(path: string): boolean {
  if (droppedFiles.has(path)) return true;
  if (droppedFolders.some((folder) => path === folder || path.startsWith(`${folder}/`))) return true;
  const plugIn = keptPlugIns.find(([folder]) => path.startsWith(folder));
  return plugIn !== undefined && !plugIn[1].test(path.slice(plugIn[0].length));
}
