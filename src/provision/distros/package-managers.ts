/** How packages are handled; every text is POSIX shell that fails when it could not do it. */
export interface PackageManager {
  /** Installs the package `$1`. */
  readonly install: string;
  /** Brings the package `$1` to its newest version. */
  readonly upgrade: string;
  /** Prints the name of the package that the file `$1` belongs to. */
  readonly owner: string;
}

/** Another program may be at work, as on a host that has just started. */
const apt =
  'DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold';
const rpmOwner = `rpm -qf --qf '%{NAME}\\n' "$1"`;
const dnf = '"$(command -v dnf || command -v yum)" -y -q';

/** The package managers of the distributions we know. */
export const packageManagers: Readonly<Record<'apt' | 'dnf' | 'zypper' | 'pacman' | 'apk', PackageManager>> = {
  apt: {
    install: `apt-get -q update && ${apt} install --no-install-recommends "$1"`,
    upgrade: `apt-get -q update && ${apt} install --only-upgrade "$1"`,
    owner: `dpkg-query -S "$1" | sed -n 's/:.*//p' | head -n 1`,
  },
  dnf: { install: `${dnf} install "$1"`, upgrade: `${dnf} upgrade "$1"`, owner: rpmOwner },
  zypper: {
    install: 'zypper --non-interactive install "$1"',
    upgrade: 'zypper --non-interactive refresh && zypper --non-interactive update "$1"',
    owner: rpmOwner,
  },
  pacman: {
    install: 'pacman -Sy --noconfirm --needed "$1"',
    upgrade: 'pacman -Sy --noconfirm --needed "$1"',
    owner: 'pacman -Qoq "$1"',
  },
  apk: {
    install: 'apk update -q && apk add -q "$1"',
    upgrade: 'apk update -q && apk add -q -u "$1"',
    owner: `apk info -W "$1" | sed -n 's/.* owned by //p' | sed 's/-[0-9].*//'`,
  },
};
