// What the tests call, by the Debian package that has it.
export const testPackages = {
  'qemu-system-x86_64': 'qemu-system-x86',
  zsh: 'zsh',
  fish: 'fish',
  tcsh: 'tcsh',
  emacs: 'emacs-nox',
  unsquashfs: 'squashfs-tools',
  cpio: 'cpio',
  xorriso: 'xorriso',
  isoinfo: 'genisoimage',
  shellcheck: 'shellcheck',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  openssl: 'openssl',
  'dpkg-deb': 'dpkg',
  script: 'bsdutils',
};
