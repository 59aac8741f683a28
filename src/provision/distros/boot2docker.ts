import { quoteWord } from '../../ssh/quote.ts';
import { enginePort, formatProfile, type ProfileSource, stateFolder } from '../engine-options.ts';
import type { Recipe, RecipeStep } from '../recipe.ts';

/** PEM texts of the server side. */
export interface EngineCertificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
}

/** What a guest is provisioned with. */
export interface ProvisionPlan extends ProfileSource {
  readonly hostname: string;
  readonly certificates: EngineCertificates;
  /** A folder that stands for the guest's root; empty in a real guest. */
  readonly root?: string | undefined;
  /** How long the daemon may take to listen, in seconds; 300 where missing. */
  readonly daemonTimeoutSeconds?: number | undefined;
}

/** Titles of the two parts that happen in the guest, as docker-machine words them. */
const copyingCerts = 'Copying certs to the remote machine';
const settingConfiguration = 'Setting Docker configuration on the remote daemon';

/** Everything boot2docker needs, from host name to running daemon. Works on the last real one and on our own guest. */
export function planBoot2docker(plan: ProvisionPlan): Recipe {
  const { root = '' } = plan;
  const profile = `${root}${stateFolder}/profile`;
  return {
    daemonLogs: daemonLogs(root),
    steps: [
      { type: 'title', title: copyingCerts },
      waitForFirstStart(plan, profile),
      { type: 'folder', path: `${root}${stateFolder}/etc` },
      {
        type: 'command',
        summary: `set the host name to ${plan.hostname}`,
        script: `${quoteWord(`${root}/usr/bin/sethostname`)} ${quoteWord(plan.hostname)}`,
      },
      { type: 'file', path: `${root}${stateFolder}/etc/hostname`, content: `${plan.hostname}\n`, mode: 0o644 },
      ...certificateFiles(plan),
      { type: 'title', title: settingConfiguration },
      { type: 'file', path: profile, content: formatProfile(plan), mode: 0o644 },
      ...restart(plan),
    ],
  };
}

/** New certificates, and the daemon that uses them. */
export function planBoot2dockerCertificates(plan: ProvisionPlan): Recipe {
  return {
    daemonLogs: daemonLogs(plan.root ?? ''),
    steps: [
      { type: 'title', title: copyingCerts },
      { type: 'folder', path: `${plan.root ?? ''}${stateFolder}` },
      ...certificateFiles(plan),
      { type: 'title', title: settingConfiguration },
      ...restart(plan),
    ],
  };
}

/** Older releases log elsewhere. */
function daemonLogs(root: string): readonly string[] {
  return [`${root}${stateFolder}/log/docker.log`, `${root}/var/log/docker.log`];
}

function certificateFiles(plan: ProvisionPlan): readonly RecipeStep[] {
  const folder = `${plan.root ?? ''}${stateFolder}`;
  const { ca, serverCert, serverKey } = plan.certificates;
  return [
    { type: 'file', path: `${folder}/ca.pem`, content: ca, mode: 0o644 },
    { type: 'file', path: `${folder}/server.pem`, content: serverCert, mode: 0o644 },
    { type: 'file', path: `${folder}/server-key.pem`, content: serverKey, mode: 0o600 },
  ];
}

/** Before its first profile, real boot2docker makes certificates of its own: a stop in the middle of that is lost. */
function waitForFirstStart(plan: ProvisionPlan, profile: string): RecipeStep {
  const wait = waitForPort({ port: enginePort, seconds: plan.daemonTimeoutSeconds ?? 300 });
  return {
    type: 'command',
    summary: 'wait for the first start of the daemon',
    script: `[ -f ${quoteWord(profile)} ] || {\n${wait}\n}`,
  };
}

function restart(plan: ProvisionPlan): readonly RecipeStep[] {
  const { root = '', port = enginePort } = plan;
  const service = quoteWord(`${root}/etc/init.d/docker`);
  const seconds = plan.daemonTimeoutSeconds ?? 300;
  return [
    { type: 'command', summary: 'stop the daemon', script: `${service} stop` },
    {
      type: 'command',
      summary: "remove the daemon's bridge",
      script: 'if ip link show docker0 >/dev/null 2>&1; then ip link delete docker0; fi',
    },
    { type: 'command', summary: 'start the daemon', script: `${service} start` },
    {
      type: 'command',
      summary: `wait for the daemon to listen on port ${port}`,
      script: waitForPort({ port, seconds, service }),
    },
  ];
}

interface PortWait {
  readonly port: number;
  readonly seconds: number;
  /** Asked whether there still is a daemon to wait for. */
  readonly service?: string | undefined;
}

/** A daemon that is not there ten times in a row, a second apart, has ended: its process may appear late. */
function waitForPort(wait: PortWait): string {
  const isThere =
    wait.service === undefined
      ? ''
      : `  if ${wait.service} status >/dev/null 2>&1; then absent=0; else absent=$((absent + 1)); fi
  [ "$absent" -lt 10 ] || { echo 'the daemon has ended' >&2; exit 1; }
`;
  return `end=$(($(date +%s) + ${wait.seconds})); absent=0
until netstat -tln 2>/dev/null | grep -q '[:.]${wait.port} .*LISTEN'; do
  [ "$(date +%s)" -lt "$end" ] || { echo 'the daemon does not listen' >&2; exit 1; }
${isThere}  sleep 1
done`;
}
