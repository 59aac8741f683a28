/**
 * What the tests call or read, and the Debian package that has it. A name is a program on PATH; a path is a file.
 * Of packages with `|` between them the first is taken that this release of Debian has.
 * @type {Readonly<Record<string, string>>}
 */
export const testPackages = {
  // The virtual machine.
  'qemu-system-x86_64': 'qemu-system-x86',
  '/usr/share/seabios/bios-256k.bin': 'seabios',
  // Shells that read what `env` prints.
  bash: 'bash',
  dash: 'dash',
  zsh: 'zsh',
  fish: 'fish',
  tcsh: 'tcsh',
  emacs: 'emacs-nox',
  elvish: 'elvish',
  xonsh: 'xonsh',
  // Windows: its cmd.exe, and what runs its Node.
  '/usr/lib/wine/wine64': 'wine64',
  // What reads the manual page.
  mandoc: 'mandoc',
  groff: 'groff-base',
  // What the boot image is made of, and what reads it back.
  unsquashfs: 'squashfs-tools',
  cpio: 'cpio',
  xorriso: 'xorriso',
  isoinfo: 'genisoimage',
  '/usr/lib/ISOLINUX/isolinux.bin': 'isolinux',
  '/usr/lib/syslinux/modules/bios/ldlinux.c32': 'syslinux-common',
  'dpkg-deb': 'dpkg',
  shellcheck: 'shellcheck',
  mount: 'mount',
  'mkfs.exfat': 'exfatprogs',
  'mount.exfat-fuse': 'exfat-fuse',
  // What people use machines with. Debian 12 has the Docker CLI in one package with the engine.
  docker: 'docker-cli | docker.io',
  // Certificates, SSH, terminals, processes.
  openssl: 'openssl',
  curl: 'curl',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  rsync: 'rsync',
  sshfs: 'sshfs',
  fusermount3: 'fuse3',
  script: 'bsdutils',
  ps: 'procps',
  ip: 'iproute2',
  // A host with systemd, for the generic driver.
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  nsenter: 'util-linux',
  // What plugins of docker-machine are made with.
  go: 'golang-go',
};
