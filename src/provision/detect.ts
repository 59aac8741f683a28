import { TmachineError } from '../errors/tmachine-error.ts';
import { planBoot2docker, planBoot2dockerCertificates } from './distros/boot2docker.ts';
import { packageManagers } from './distros/package-managers.ts';
import {
  type PackagedSystem,
  planPackaged,
  planPackagedCertificates,
  planPackagedUpgrade,
} from './distros/packaged.ts';
import { serviceManagers } from './distros/services.ts';
import type { OsRelease } from './os-release.ts';
import type { GuestPlan, ProvisionPlan } from './plan.ts';
import type { Recipe } from './recipe.ts';

/** A distribution that can be provisioned. */
export interface Distro {
  readonly name: string;
  /** Everything, from host name to running daemon. */
  plan(plan: ProvisionPlan): Recipe;
  /** New certificates only. */
  planCertificates(plan: ProvisionPlan): Recipe;
  /** The newest engine; missing where that comes with the boot image. */
  planUpgrade?(plan: GuestPlan): Recipe;
}

const { apt, dnf, zypper, pacman, apk } = packageManagers;
const { systemd, openrc } = serviceManagers;

const boot2docker: Distro = {
  name: 'boot2docker',
  plan: planBoot2docker,
  planCertificates: planBoot2dockerCertificates,
};
const debian = packaged('debian', {
  packageManager: apt,
  serviceManager: systemd,
  packages: ['docker.io'],
  knownToScript: true,
});
const redhat = packaged('redhat', {
  packageManager: dnf,
  serviceManager: systemd,
  packages: ['docker-ce', 'moby-engine', 'docker'],
  knownToScript: true,
});
const own = { packages: ['docker'], knownToScript: false } as const;
const suse = packaged('suse', { packageManager: zypper, serviceManager: systemd, ...own });
const arch = packaged('arch', { packageManager: pacman, serviceManager: systemd, ...own });
const alpine = packaged('alpine', { packageManager: apk, serviceManager: openrc, ...own });

/** By the name in /etc/os-release. */
const distros: ReadonlyMap<string, Distro> = new Map([
  ['boot2docker', boot2docker],
  ...['debian', 'ubuntu', 'raspbian', 'linuxmint', 'pop'].map((id) => [id, debian] as const),
  ...['rhel', 'centos', 'rocky', 'almalinux', 'fedora', 'amzn', 'ol'].map((id) => [id, redhat] as const),
  ...['suse', 'sles', 'opensuse', 'opensuse-leap', 'opensuse-tumbleweed'].map((id) => [id, suse] as const),
  ...['arch', 'manjaro', 'archarm'].map((id) => [id, arch] as const),
  ['alpine', alpine],
]);

/**
 * Which of the distributions we know a guest runs, by its own name or by what it descends from.
 *
 * @throws TmachineError `DISTRO_UNKNOWN` naming the one it says it is.
 */
export function detectDistro(release: OsRelease): Distro {
  for (const id of [release.id, ...release.like]) {
    const distro = distros.get(id);
    if (distro !== undefined) return distro;
  }
  const name = release.prettyName === undefined ? '' : ` (${release.prettyName})`;
  throw new TmachineError(`Cannot provision the guest: its distribution "${release.id}"${name} is not known`, {
    code: 'DISTRO_UNKNOWN',
    hint: `known are: ${[...distros.keys()].join(', ')}`,
  });
}

function packaged(name: string, system: PackagedSystem): Distro {
  return {
    name,
    plan: (plan) => planPackaged(system, plan),
    planCertificates: (plan) => planPackagedCertificates(system, plan),
    planUpgrade: (plan) => planPackagedUpgrade(system, plan),
  };
}
