import type { TreeEntry } from '../tree.ts';

/** Applets that live in sbin by tradition; scripts and the kernel call some of them by full path. */
const systemApplets: ReadonlySet<string> = new Set([
  ...['acpid', 'adjtimex', 'arp', 'blockdev', 'depmod', 'findfs', 'getty', 'halt', 'hwclock', 'ifconfig', 'ifdown'],
  ...['ifup', 'init', 'insmod', 'klogd', 'losetup', 'lsmod', 'mkswap', 'modinfo', 'modprobe', 'nologin', 'pivot_root'],
  ...['poweroff', 'reboot', 'rmmod', 'route', 'start-stop-daemon', 'sulogin', 'swapoff', 'swapon', 'switch_root'],
  ...['sysctl', 'syslogd', 'udhcpc', 'watchdog'],
]);

/** Applets whose name would promise what busybox does not keep, such as Debian's package database. */
const unwantedApplets: ReadonlySet<string> = new Set(['busybox', 'dpkg', 'dpkg-deb', 'rpm', 'rpm2cpio', 'linuxrc']);

/**
 * The applets a busybox executable holds, read from its table of names: NUL-ended, sorted, `[` and `[[` first.
 * Empty where there is no such table.
 */
export function listApplets(executable: Uint8Array): readonly string[] {
  const bytes = Buffer.from(executable.buffer, executable.byteOffset, executable.byteLength);
  const start = bytes.indexOf('[\0[[\0', 0, 'latin1');
  if (start < 0) return [];
  return bytes.toString('latin1', start, bytes.indexOf('\0\0', start, 'latin1')).split('\0');
}

/** A link to busybox for each applet that no path in `taken` provides better. */
export function planAppletLinks(applets: readonly string[], taken: ReadonlySet<string>): readonly TreeEntry[] {
  return applets
    .filter((name) => !unwantedApplets.has(name))
    .filter((name) => !taken.has(`usr/bin/${name}`) && !taken.has(`usr/sbin/${name}`))
    .map((name) => {
      const system = systemApplets.has(name);
      const path = system ? `usr/sbin/${name}` : `usr/bin/${name}`;
      const target = system ? '../bin/busybox' : 'busybox';
      return { type: 'symlink', path, mode: 0o777, uid: 0, gid: 0, target };
    });
}
