import { describe, expect, test } from 'vitest';
import { genericFlags } from '../../../drivers/generic/flags.ts';
import { noneFlags } from '../../../drivers/none/flags.ts';
import { virtualBoxFlags } from '../../../drivers/virtualbox/flags.ts';
import type { CommandFlags } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands/index.ts';
import { globalFlags, helpFlag, versionFlag } from '../../../src/cli/options.ts';

/** A flag as docker-machine 0.16 has it: kind, letter, variable, default. */
type Expected = readonly [kind: 'boolean' | 'integer' | 'string' | 'list', more?: string];

/** One line for each flag: `--name [-x] [$VARIABLE] [=default]`, as docker-machine's `--help` and sources have them. */
const parseLine = (line: string) => {
  const [, name = '', , letter, , variable, , fallback] = /^--(\S+)( -(\w))?( \$(\w+))?( =(.*))?$/.exec(line) ?? [];
  return { name, letter, variable, fallback };
};

const kinds: Readonly<Record<string, Expected[0]>> = { '!': 'boolean', '#': 'integer', '*': 'list' };

/** The first character tells the kind: `!` a switch, `#` a number, `*` a flag that repeats, nothing a text. */
function check(line: string, flags: CommandFlags): void {
  const kind = kinds[line.charAt(0)] ?? 'string';
  const { name, letter, variable, fallback } = parseLine(line.replace(/^[!#*]/, ''));
  const flag = flags[name];
  expect(flag, `--${name}`).toBeDefined();
  expect([flag?.type, flag?.short, flag?.env]).toEqual([kind, letter, variable]);
  if (fallback !== undefined) expect(String((flag as { default?: unknown }).default)).toBe(fallback);
}

describe('global options are those of docker-machine', () => {
  test.each([
    '!--debug -D $MACHINE_DEBUG',
    '--storage-path -s $MACHINE_STORAGE_PATH',
    '--tls-ca-cert $MACHINE_TLS_CA_CERT =',
    '--tls-ca-key $MACHINE_TLS_CA_KEY =',
    '--tls-client-cert $MACHINE_TLS_CLIENT_CERT =',
    '--tls-client-key $MACHINE_TLS_CLIENT_KEY =',
    '--github-api-token $MACHINE_GITHUB_API_TOKEN =',
    '!--native-ssh $MACHINE_NATIVE_SSH',
    '--bugsnag-api-token $MACHINE_BUGSNAG_API_TOKEN =',
    '!--help -h',
    '!--version -v',
  ])('%s', (line) => check(line, { ...globalFlags, ...helpFlag, ...versionFlag }));
});

const flagsOfCommands: Readonly<Record<string, readonly string[]>> = {
  active: ['#--timeout -t =10'],
  config: ['!--swarm'],
  create: [
    '--driver -d $MACHINE_DRIVER',
    '--engine-install-url $MACHINE_DOCKER_INSTALL_URL =https://get.docker.com',
    '*--engine-opt',
    '*--engine-insecure-registry',
    '*--engine-registry-mirror $ENGINE_REGISTRY_MIRROR',
    '*--engine-label',
    '--engine-storage-driver',
    '*--engine-env',
    '!--swarm',
    '--swarm-image $MACHINE_SWARM_IMAGE =swarm:latest',
    '!--swarm-master',
    '--swarm-discovery',
    '--swarm-strategy =spread',
    '*--swarm-opt',
    '*--swarm-join-opt',
    '--swarm-host =tcp://0.0.0.0:3376',
    '--swarm-addr',
    '!--swarm-experimental',
    '*--tls-san',
  ],
  env: ['!--swarm', '--shell', '!--unset -u', '!--no-proxy'],
  inspect: ['--format -f'],
  ip: [],
  kill: [],
  mount: ['!--unmount -u'],
  ls: ['!--quiet -q', '*--filter', '#--timeout -t =10', '--format -f'],
  provision: [],
  'regenerate-certs': ['!--force -f', '!--client-certs'],
  restart: [],
  scp: ['!--recursive -r', '!--delta -d', '!--quiet -q'],
  rm: ['!--force -f', '!--y -y'],
  ssh: [],
  start: [],
  status: [],
  stop: [],
  upgrade: [],
  url: [],
  version: [],
};

describe.each(Object.entries(flagsOfCommands))('%s is there, with the flags of docker-machine', (name, lines) => {
  test.each(['', ...lines])('%s', async (line) => {
    const { command } = (await commands.find((entry) => entry.name === name)?.load()) ?? {};
    expect(command?.name).toBe(name);
    if (line !== '') check(line, command?.flags ?? {});
  });
});

describe("the virtualbox driver's flags are those of docker-machine", () => {
  test.each([
    // More than docker-machine's 1024: a current engine needs it.
    '#--virtualbox-memory $VIRTUALBOX_MEMORY_SIZE =2048',
    '#--virtualbox-cpu-count $VIRTUALBOX_CPU_COUNT =1',
    '#--virtualbox-disk-size $VIRTUALBOX_DISK_SIZE =20000',
    '--virtualbox-boot2docker-url $VIRTUALBOX_BOOT2DOCKER_URL',
    '--virtualbox-import-boot2docker-vm $VIRTUALBOX_BOOT2DOCKER_IMPORT_VM',
    '!--virtualbox-host-dns-resolver $VIRTUALBOX_HOST_DNS_RESOLVER',
    '--virtualbox-nat-nictype $VIRTUALBOX_NAT_NICTYPE =82540EM',
    // Its default depends on what VirtualBox allows here, 192.168.99.1/24 first.
    '--virtualbox-hostonly-cidr $VIRTUALBOX_HOSTONLY_CIDR',
    '--virtualbox-hostonly-nictype $VIRTUALBOX_HOSTONLY_NIC_TYPE =82540EM',
    '--virtualbox-hostonly-nicpromisc $VIRTUALBOX_HOSTONLY_NIC_PROMISC =deny',
    '--virtualbox-ui-type $VIRTUALBOX_UI_TYPE =headless',
    '!--virtualbox-hostonly-no-dhcp $VIRTUALBOX_HOSTONLY_NO_DHCP',
    '!--virtualbox-no-share $VIRTUALBOX_NO_SHARE',
    '!--virtualbox-no-dns-proxy $VIRTUALBOX_NO_DNS_PROXY',
    '!--virtualbox-no-vtx-check $VIRTUALBOX_NO_VTX_CHECK',
    '*--virtualbox-share-folder $VIRTUALBOX_SHARE_FOLDER',
  ])('%s', (line) => check(line, virtualBoxFlags));
});

describe("the generic driver's flags are those of docker-machine", () => {
  test.each([
    '#--generic-engine-port $GENERIC_ENGINE_PORT =2376',
    '--generic-ip-address $GENERIC_IP_ADDRESS',
    '--generic-ssh-user $GENERIC_SSH_USER =root',
    '--generic-ssh-key $GENERIC_SSH_KEY =',
    '#--generic-ssh-port $GENERIC_SSH_PORT =22',
  ])('%s', (line) => check(line, genericFlags));
});

test('the none driver has one flag, without a variable', () => check('--url', noneFlags));
