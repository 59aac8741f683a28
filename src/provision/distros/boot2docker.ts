import { quoteWord } from '../../ssh/quote.ts';
import { enginePort, formatProfile, stateFolder } from '../engine-options.ts';
import { certificateFiles, type ProvisionPlan, titles } from '../plan.ts';
import { type Recipe, type RecipeStep, tailOfFirst } from '../recipe.ts';

/** Everything boot2docker needs, from host name to running daemon. Works on the last real one and on our own guest. */
export function planBoot2docker(plan: ProvisionPlan): Recipe {
  const { root = '' } = plan;
  const profile = `${root}${stateFolder}/profile`;
  return {
    daemonLog: daemonLog(root),
    steps: [
      { type: 'title', title: titles.copyingCerts },
      waitForFirstStart(plan, profile),
      { type: 'folder', path: `${root}${stateFolder}/etc` },
      {
        type: 'command',
        summary: `set the host name to ${plan.hostname}`,
        script: `${quoteWord(`${root}/usr/bin/sethostname`)} ${quoteWord(plan.hostname)}`,
      },
      { type: 'file', path: `${root}${stateFolder}/etc/hostname`, content: `${plan.hostname}\n`, mode: 0o644 },
      ...certificateFiles(plan, `${plan.root ?? ''}${stateFolder}`),
      { type: 'title', title: titles.settingConfiguration },
      { type: 'file', path: profile, content: formatProfile(plan), mode: 0o644 },
      stop(plan),
      {
        type: 'command',
        summary: "remove the daemon's bridge",
        script: 'if ip link show docker0 >/dev/null 2>&1; then ip link delete docker0; fi',
      },
      ...start(plan),
    ],
  };
}

/** New certificates, and the daemon that uses them. */
export function planBoot2dockerCertificates(plan: ProvisionPlan): Recipe {
  return {
    daemonLog: daemonLog(plan.root ?? ''),
    steps: [
      { type: 'title', title: titles.copyingCerts },
      { type: 'folder', path: `${plan.root ?? ''}${stateFolder}` },
      ...certificateFiles(plan, `${plan.root ?? ''}${stateFolder}`),
      { type: 'title', title: titles.settingConfiguration },
      stop(plan),
      ...start(plan),
    ],
  };
}

/** Older releases log elsewhere. */
function daemonLog(root: string): string {
  return tailOfFirst([`${root}${stateFolder}/log/docker.log`, `${root}/var/log/docker.log`]);
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

function stop({ root = '' }: ProvisionPlan): RecipeStep {
  return { type: 'command', summary: 'stop the daemon', script: `${quoteWord(`${root}/etc/init.d/docker`)} stop` };
}

function start(plan: ProvisionPlan): readonly RecipeStep[] {
  const { root = '', port = enginePort } = plan;
  const service = quoteWord(`${root}/etc/init.d/docker`);
  const seconds = plan.daemonTimeoutSeconds ?? 300;
  return [
    { type: 'command', summary: 'start the daemon', script: `${service} start` },
    {
      type: 'command',
      summary: `wait for the daemon to listen on port ${port}`,
      // It never listens at once, and a guest of one processor has none to spare for looking.
      script: `sleep 0.5 2>/dev/null || sleep 1\n${waitForPort({ port, seconds, service })}`,
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
function waitForPort({ port, seconds, service }: PortWait): string {
  const isThere =
    service === undefined
      ? ''
      : `  [ "$waited" -lt 2 ] || if ${service} status >/dev/null 2>&1; then absent=0; else absent=$((absent + 1)); fi
  [ "$absent" -lt 10 ] || { echo 'the daemon has ended' >&2; exit 1; }
`;
  return `waited=0; absent=0
until netstat -tln 2>/dev/null | grep -q '[:.]${port} .*LISTEN'; do
  [ "$waited" -lt ${seconds} ] || { echo 'the daemon does not listen' >&2; exit 1; }
${isThere}  sleep 1
  waited=$((waited + 1))
done`;
}
