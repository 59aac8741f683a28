import { TmachineError } from '../errors/tmachine-error.ts';
import { type ProvisionPlan, planBoot2docker, planBoot2dockerCertificates } from './distros/boot2docker.ts';
import type { OsRelease } from './os-release.ts';
import type { Recipe } from './recipe.ts';

/** A distribution that can be provisioned. */
export interface Distro {
  readonly name: string;
  matches(release: OsRelease): boolean;
  /** Everything, from host name to running daemon. */
  plan(plan: ProvisionPlan): Recipe;
  /** New certificates only. */
  planCertificates(plan: ProvisionPlan): Recipe;
}

/** In this order, the first that matches. */
const distros: readonly Distro[] = [
  {
    name: 'boot2docker',
    matches: (release) => release.id === 'boot2docker',
    plan: planBoot2docker,
    planCertificates: planBoot2dockerCertificates,
  },
];

/**
 * Which of the distributions we know a guest runs.
 *
 * @throws TmachineError `DISTRO_UNKNOWN` naming the one it says it is.
 */
export function detectDistro(release: OsRelease): Distro {
  const distro = distros.find((candidate) => candidate.matches(release));
  if (distro !== undefined) return distro;
  const name = release.prettyName === undefined ? '' : ` (${release.prettyName})`;
  throw new TmachineError(`Cannot provision the guest: its distribution "${release.id}"${name} is not known`, {
    code: 'DISTRO_UNKNOWN',
    hint: `known are: ${distros.map((known) => known.name).join(', ')}`,
  });
}
