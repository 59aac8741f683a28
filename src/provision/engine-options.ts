import { TmachineError } from '../errors/tmachine-error.ts';

/** The part of config.json's `EngineOptions` that a daemon is started with; docker-machine may write null for a list. */
export interface DaemonOptions {
  readonly ArbitraryFlags?: readonly string[] | null | undefined;
  readonly Env?: readonly string[] | null | undefined;
  readonly InsecureRegistry?: readonly string[] | null | undefined;
  readonly Labels?: readonly string[] | null | undefined;
  readonly RegistryMirror?: readonly string[] | null | undefined;
  readonly StorageDriver?: string | null | undefined;
  /** The script that installs the engine where there is none; empty: the distribution's own package. */
  readonly InstallURL?: string | null | undefined;
}

/** What a daemon's profile is made from. */
export interface ProfileSource {
  readonly options: DaemonOptions;
  /** Becomes the label `provider`, unless there is one already. */
  readonly driverName: string;
  /** Where the daemon listens inside the guest; 2376 where missing. */
  readonly port?: number | undefined;
}

/** The port on which an engine takes TLS connections. */
export const enginePort = 2376;

/** Where boot2docker keeps what must survive a boot. */
export const stateFolder = '/var/lib/boot2docker';

/**
 * The text of /var/lib/boot2docker/profile, which the daemon's start script sources. The script splits EXTRA_ARGS at
 * white space, so that only a flag given whole (`ArbitraryFlags`) may hold any.
 *
 * @throws TmachineError `ENGINE_OPTION_INVALID` for a value that would not reach the daemon as it is.
 */
export function formatProfile(source: ProfileSource): string {
  const { options, driverName, port = enginePort } = source;
  return `EXTRA_ARGS='
${planFlags(options, driverName).map(insideSingleQuotes).join('\n')}
'
CACERT=${stateFolder}/ca.pem
DOCKER_HOST='-H tcp://0.0.0.0:${port}'
DOCKER_STORAGE=${word('storage driver', options.StorageDriver ?? '', /^[\w.-]*$/)}
DOCKER_TLS=auto
SERVERKEY=${stateFolder}/server-key.pem
SERVERCERT=${stateFolder}/server.pem

${(options.Env ?? []).map(formatExport).join('')}`;
}

/** Flags of the daemon that come from options, each in one text: an option given whole may hold spaces. */
function planFlags(options: DaemonOptions, driverName: string): readonly string[] {
  const given = options.Labels ?? [];
  const labels = given.some((label) => label.startsWith('provider=')) ? given : [...given, `provider=${driverName}`];
  return [
    ...labels.map((label) => `--label ${word('label', label, /^[^\s=]+=\S*$/)}`),
    ...(options.InsecureRegistry ?? []).map((name) => `--insecure-registry ${word('insecure registry', name)}`),
    ...(options.RegistryMirror ?? []).map((url) => `--registry-mirror ${word('registry mirror', url)}`),
    ...(options.ArbitraryFlags ?? []).map((flag) => `--${word('option', flag, /^[^\s-].*$/s)}`),
  ];
}

/** The folder of a packaged engine's certificates. */
export const configFolder = '/etc/docker';

/** All arguments of a packaged daemon, split at white space as docker-machine's are. @throws TmachineError `ENGINE_OPTION_INVALID`. */
export function planArguments({ options, driverName, port = enginePort }: ProfileSource): readonly string[] {
  const storage = word('storage driver', options.StorageDriver ?? '', /^[\w.-]*$/);
  const flags = [
    `-H tcp://0.0.0.0:${port} -H unix:///var/run/docker.sock`,
    ...(storage === '' ? [] : [`--storage-driver ${storage}`]),
    `--tlsverify --tlscacert ${configFolder}/ca.pem`,
    `--tlscert ${configFolder}/server.pem --tlskey ${configFolder}/server-key.pem`,
    ...planFlags(options, driverName),
  ];
  return flags.flatMap((flag) => flag.trim().split(/\s+/));
}

/** The engine's environment as names and values. @throws TmachineError `ENGINE_OPTION_INVALID`. */
export function planEnvironment({ Env }: DaemonOptions): readonly string[] {
  return (Env ?? []).map(checkAssignment);
}

function word(what: string, value: string, shape = /^\S+$/): string {
  if (shape.test(value) && !value.includes('\0')) return value;
  throw new TmachineError(`Cannot pass the engine's ${what} "${value}" to the daemon: ${reasonFor(value)}`, {
    code: 'ENGINE_OPTION_INVALID',
    hint: what === 'label' ? 'a label is KEY=VALUE without spaces' : undefined,
  });
}

function reasonFor(value: string): string {
  if (value === '') return 'it is empty';
  return /[\s\0]/.test(value) ? 'it holds a space or a control character' : 'it has not the right form';
}

function insideSingleQuotes(text: string): string {
  return text.replaceAll("'", `'\\''`);
}

/** Double quotes as docker-machine writes them, with everything escaped that a shell would read inside. */
function formatExport(assignment: string): string {
  return `export "${checkAssignment(assignment).replace(/[\\"$`]/g, '\\$&')}"\n`;
}

function checkAssignment(assignment: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*=/.test(assignment) && !assignment.includes('\0')) return assignment;
  throw new TmachineError(`Cannot set "${assignment}" for the engine: it is not NAME=VALUE`, {
    code: 'ENGINE_OPTION_INVALID',
  });
}
