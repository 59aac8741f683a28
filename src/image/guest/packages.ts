/** The Debian packages (relations) the guest is made of; their dependencies come on top. */
export const guestPackages: readonly string[] = [
  'docker.io',
  'docker-cli',
  'containerd',
  'runc',
  'tini', // `docker run --init`
  'iptables',
  'linux-image-amd64', // the cloud flavour lacks e1000, vboxguest and vboxsf, which VirtualBox needs
  'busybox-static', // init, shell, DHCP client, modprobe, acpid and most commands; needs no library, so it also serves the initramfs
  'base-files', // the folders and their modes, /bin → usr/bin and so on
  'bash', // the login shell of the user docker
  'openssh-server',
  'openssh-client', // ssh-keygen for the host key; scp for `docker-machine scp`
  'openssh-sftp-server',
  'rsync', // `docker-machine scp --delta`
  'sudo',
  'curl',
  'openssl',
  'ca-certificates',
  'iproute2',
  'procps', // `docker top` passes ps options busybox does not know
  'e2fsprogs',
  'fdisk', // sfdisk: busybox writes no GPT
];

/** Packages only the build needs: the boot loader, as single files on the ISO. */
export const bootLoaderPackages: readonly string[] = ['isolinux', 'syslinux-common'];

/**
 * Packages that dependencies name and the guest does without: what their maintainer scripts, services and tools do is
 * done by the builder or by the guest's own files.
 */
export const assumedPackages: readonly string[] = [
  // Tools for maintainer scripts, which never run.
  'debconf',
  'debconf-2.0',
  'init-system-helpers',
  'runit-helper',
  'sensible-utils',
  'ucf',
  'perl-base',
  'debianutils',
  // Accounts are written by the builder.
  'adduser',
  'base-passwd',
  'passwd',
  'login.defs',
  // busybox is init, modprobe, mount, awk and the core commands.
  'awk',
  'mawk',
  'coreutils',
  'kmod',
  'lsb-base',
  'mount',
  'logsave',
  'systemd',
  'systemd-standalone-sysusers',
  'systemd-sysusers',
  'sysvinit-utils',
  // The initramfs is the builder's own.
  'initramfs-tools',
  'linux-initramfs-tool',
  'linux-base',
  // Whole /etc/pam.d files are the guest's own.
  'libpam-runtime',
  // Data and plug-ins nothing here reads.
  'gcc-14-base',
  'libaudit-common',
  'libdb5.3t64', // pam_userdb and arpd, both dropped
  'libsasl2-modules-db',
  'libtirpc-common',
  'readline-common',
  'tzdata', // the guest runs on UTC
];
