import { quoteWord } from '../../ssh/quote.ts';
import { configFolder, enginePort } from '../engine-options.ts';
import { certificateFiles, type GuestPlan, type ProvisionPlan, titles } from '../plan.ts';
import type { Recipe, RecipeStep } from '../recipe.ts';
import { formatInstallation } from './install-engine.ts';
import type { PackageManager } from './package-managers.ts';
import type { ServiceManager } from './services.ts';

/** A distribution that has its engine from a package. */
export interface PackagedSystem {
  readonly packageManager: PackageManager;
  readonly serviceManager: ServiceManager;
  /** Packages that may have the engine; the first that brings it counts. */
  readonly packages: readonly string[];
  /** Whether the script behind `--engine-install-url` knows this distribution. */
  readonly knownToScript: boolean;
}

/** Everything from host name to running daemon. An engine that is there is taken as it is. */
export function planPackaged(system: PackagedSystem, plan: ProvisionPlan): Recipe {
  const { root = '', hostname } = plan;
  const { serviceManager } = system;
  return {
    daemonLog: serviceManager.log(root),
    steps: [
      { type: 'title', title: titles.installing },
      { type: 'command', summary: 'look for the service manager', script: serviceManager.check },
      { type: 'command', summary: 'install the engine', script: formatInstallation(system, plan.options) },
      { type: 'command', summary: `set the host name to ${hostname}`, script: formatHostname(hostname, root) },
      { type: 'file', path: `${root}/etc/hostname`, content: `${hostname}\n`, mode: 0o644 },
      { type: 'title', title: titles.copyingCerts },
      { type: 'folder', path: `${root}${configFolder}` },
      ...certificateFiles(plan, `${root}${configFolder}`),
      { type: 'title', title: titles.settingConfiguration },
      ...serviceManager.options(plan),
      ...restartIfChanged(system, plan),
    ],
  };
}

/** New certificates, and the daemon that uses them. */
export function planPackagedCertificates(system: PackagedSystem, plan: ProvisionPlan): Recipe {
  const { root = '' } = plan;
  return {
    daemonLog: system.serviceManager.log(root),
    steps: [
      { type: 'title', title: titles.copyingCerts },
      { type: 'folder', path: `${root}${configFolder}` },
      ...certificateFiles(plan, `${root}${configFolder}`),
      { type: 'title', title: titles.settingConfiguration },
      ...restartIfChanged(system, plan),
    ],
  };
}

/** The newest version of the package that the daemon is from; a daemon that is the newest goes on running. */
export function planPackagedUpgrade(system: PackagedSystem, plan: GuestPlan): Recipe {
  const { owner, upgrade } = system.packageManager;
  return {
    daemonLog: system.serviceManager.log(plan.root ?? ''),
    steps: [
      { type: 'title', title: `Upgrading machine "${plan.hostname}"` },
      {
        type: 'command',
        summary: "upgrade the engine's package",
        script: `owner_of() { ${owner}; }
upgrade_package() { ${upgrade}; }
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
program=$(command -v dockerd) || { echo 'there is no dockerd' >&2; exit 1; }
package=$(owner_of "$program") || package=
[ -n "$package" ] || { echo "$program is from no package: upgrade it as it was installed" >&2; exit 1; }
before=$(dockerd --version)
upgrade_package "$package"
[ "$(dockerd --version)" = "$before" ] || changed=1`,
      },
      { type: 'title', title: titles.restarting },
      ...restartIfChanged(system, plan),
    ],
  };
}

/** Names of machines hold nothing that a regular expression or a shell would read but the dot, which may stand for itself. */
function formatHostname(hostname: string, root: string): string {
  const hosts = quoteWord(`${root}/etc/hosts`);
  return `[ "$(cat /proc/sys/kernel/hostname)" = ${hostname} ] || {
  hostnamectl set-hostname ${hostname} 2>/dev/null || hostname ${hostname} 2>/dev/null || echo ${hostname} >/proc/sys/kernel/hostname
  changed=1
}
[ -f ${hosts} ] || : >${hosts}
if ! grep -qx '127\\.0\\.1\\.1[[:space:]]${hostname}' ${hosts}; then
  { grep -v '^127\\.0\\.1\\.1[[:space:]]' ${hosts} || true; echo '127.0.1.1 ${hostname}'; } >${hosts}.new
  cat ${hosts}.new >${hosts}
  rm -f ${hosts}.new
fi`;
}

/** A restart and not a start: packages start their daemon, and it knows nothing of us then. */
function restartIfChanged({ serviceManager }: PackagedSystem, plan: GuestPlan): readonly RecipeStep[] {
  const { port = enginePort, daemonTimeoutSeconds: seconds = 300 } = plan;
  const { enable, isActive, restart } = serviceManager;
  return [
    {
      type: 'command',
      summary: 'restart the daemon',
      script: `${enable}\nif [ -n "$changed" ] || ! ${isActive}; then ${restart}; fi`,
    },
    {
      type: 'command',
      summary: `wait for the daemon to listen on port ${port}`,
      script: `end=$(($(date +%s) + ${seconds}))
until grep -Eqs '^ *[0-9]+: [0-9A-F]+:${hexadecimal(port)} [0-9A-F]+:[0-9A-F]+ 0A ' /proc/net/tcp /proc/net/tcp6; do
  ${isActive} || { echo 'the daemon has ended' >&2; exit 1; }
  [ "$(date +%s)" -lt "$end" ] || { echo 'the daemon does not listen' >&2; exit 1; }
  sleep 1
done`,
    },
  ];
}

/** As proc(5) writes ports; 0A there is the state of a listening socket. */
function hexadecimal(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
