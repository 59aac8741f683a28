/** Programs that tmachine uses where they are there, by system. */
const packages: Readonly<
  Record<'rsync' | 'sshfs' | 'OpenSSH', Readonly<Record<'linux' | 'darwin' | 'win32', string>>>
> = {
  rsync: {
    linux: 'install the package rsync, as with "sudo apt-get install rsync"',
    darwin: 'install it with "brew install rsync"',
    win32: 'install it in WSL or MSYS2 and run tmachine there',
  },
  sshfs: {
    linux: 'install the package sshfs, as with "sudo apt-get install sshfs"',
    darwin: 'install macFUSE and sshfs from https://macfuse.github.io',
    win32: 'install WinFsp and SSHFS-Win, and put the folder of sshfs.exe on PATH',
  },
  OpenSSH: {
    linux: 'install the package openssh-client, as with "sudo apt-get install openssh-client"',
    darwin: 'it belongs to macOS: see that /usr/bin is on PATH',
    win32: 'switch on the optional feature "OpenSSH Client" of Windows',
  },
};

/** What a user can do to get a program. */
export function howToInstall(what: keyof typeof packages, platform: NodeJS.Platform): string {
  return packages[what][platform === 'darwin' || platform === 'win32' ? platform : 'linux'];
}
