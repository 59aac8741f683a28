import type { CommandFlag, CommandFlags, Globals } from './command.ts';

/** Options that stand before the command, or after it where the command has none of the same name or letter. */
export const globalFlags: CommandFlags = {
  debug: { type: 'boolean', short: 'D', env: 'MACHINE_DEBUG', summary: 'Show every program that is run' },
  'storage-path': {
    type: 'string',
    short: 's',
    env: 'MACHINE_STORAGE_PATH',
    default: '',
    kind: 'folder',
    summary: 'Folder of machines and certificates, ~/.docker/machine where not given',
  },
  'tls-ca-cert': {
    type: 'string',
    env: 'MACHINE_TLS_CA_CERT',
    default: '',
    kind: 'file',
    summary: 'Certificate of the authority',
  },
  'tls-ca-key': {
    type: 'string',
    env: 'MACHINE_TLS_CA_KEY',
    default: '',
    kind: 'file',
    summary: 'Private key of the authority',
  },
  'tls-client-cert': {
    type: 'string',
    env: 'MACHINE_TLS_CLIENT_CERT',
    default: '',
    kind: 'file',
    summary: 'Certificate of the client',
  },
  'tls-client-key': {
    type: 'string',
    env: 'MACHINE_TLS_CLIENT_KEY',
    default: '',
    kind: 'file',
    summary: 'Private key of the client',
  },
  'github-api-token': {
    type: 'string',
    env: 'MACHINE_GITHUB_API_TOKEN',
    default: '',
    summary: 'Token for requests to GitHub, against its rate limit',
  },
  'native-ssh': { type: 'boolean', env: 'MACHINE_NATIVE_SSH', summary: 'Same as --ssh-client native' },
  'ssh-client': {
    type: 'string',
    env: 'TMACHINE_SSH_CLIENT',
    default: 'native',
    choices: ['native', 'external'],
    summary: 'Built-in SSH client, or the ssh on PATH',
  },
  'bugsnag-api-token': {
    type: 'string',
    env: 'MACHINE_BUGSNAG_API_TOKEN',
    default: '',
    summary: 'Accepted and ignored: nothing is ever sent anywhere',
  },
  'log-format': {
    type: 'string',
    env: 'TMACHINE_LOG_FORMAT',
    default: 'auto',
    choices: ['auto', 'terminal', 'plain', 'json'],
    summary: 'How work is shown on standard error',
  },
};

/** `-h` works everywhere. */
export const helpFlag: CommandFlags = {
  help: { type: 'boolean', short: 'h', summary: 'Show this help' },
};

/** `-v` means something only before a command. */
export const versionFlag: CommandFlags = {
  version: { type: 'boolean', short: 'v', summary: 'Print the version' },
};

/** The values of `globalFlags`, once resolved. */
export interface GlobalValues extends Globals {
  readonly storagePath: string;
  readonly logFormat: string;
}

/** Names the resolved values of `globalFlags`. */
export function toGlobals(values: Readonly<Record<string, unknown>>): GlobalValues {
  const text = (name: string) => String(values[name] ?? '');
  return {
    debug: values['debug'] === true,
    sshClient: values['ssh-client'] === 'external' && values['native-ssh'] !== true ? 'external' : 'native',
    storagePath: text('storage-path'),
    tlsCaCert: text('tls-ca-cert'),
    tlsCaKey: text('tls-ca-key'),
    tlsClientCert: text('tls-client-cert'),
    tlsClientKey: text('tls-client-key'),
    githubApiToken: text('github-api-token'),
    logFormat: text('log-format'),
  };
}

/** The global flags that a command leaves free: its own names and letters win. */
export function globalsBeside(own: CommandFlags): CommandFlags {
  const letters = new Set(Object.values(own).map((flag) => flag.short));
  const free = Object.entries<CommandFlag>(globalFlags).filter(
    ([name, flag]) => !(name in own) && (flag.short === undefined || !letters.has(flag.short)),
  );
  return Object.fromEntries(free);
}
