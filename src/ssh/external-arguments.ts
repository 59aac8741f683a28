import type { SshTarget } from './guest.ts';
import { guestAlias } from './known-hosts.ts';

/** The files that OpenSSH needs besides the private key. */
export interface ExternalFiles {
  readonly knownHostsFile: string;
  /** Whether that file already holds the machine's host key. */
  readonly isPinned: boolean;
}

/** What an OpenSSH command line depends on besides the target. */
export interface ExternalLogin extends ExternalFiles {
  /** Where OpenSSH writes its own messages, apart from the command's. */
  readonly logFile: string;
  readonly terminal: boolean;
}

/** A command for the guest's shell, or the name of a subsystem of its SSH server. */
export type ExternalCommand = { readonly command: string | undefined } | { readonly subsystem: string };

/** The arguments of `ssh` that depend on nothing but the machine: no configuration file has a say. See ssh(1). */
export function formatSshArguments(target: SshTarget, login: ExternalLogin, what: ExternalCommand): string[] {
  // The log then says whether the remote command has ended, which status 255 alone does not.
  const options = [...planOptions(target, login), ['LogLevel', 'DEBUG1']];
  const command = 'subsystem' in what ? what.subsystem : what.command;
  return [
    ...['-F', 'none', '-E', login.logFile],
    ...options.flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...['-p', String(target.port), login.terminal ? '-t' : '-T'],
    ...('subsystem' in what ? ['-s'] : []),
    `${target.user}@${target.host}`,
    // OpenSSH looks for options after the host too: the dashes keep the command a command.
    ...(command === undefined ? [] : ['--', command]),
  ];
}

/** The same as a configuration file for programs that start `ssh` themselves; `name` is then a host. See ssh_config(5). */
export function formatSshConfig(name: string, target: SshTarget, files: ExternalFiles): string {
  const options = [
    ['HostName', target.host],
    ['Port', String(target.port)],
    ['User', target.user],
    ...planOptions(target, files),
    ['LogLevel', 'ERROR'],
  ];
  return [`Host ${name}`, ...options.map(([option, value]) => `  ${option} ${value}`), ''].join('\n');
}

function planOptions(target: SshTarget, files: ExternalFiles): readonly (readonly [name: string, value: string])[] {
  // Not by -i, which looks for the file before it has expanded the percent signs.
  const ownKey = [
    ['IdentityFile', configPath(target.identityFile)],
    ['IdentitiesOnly', 'yes'],
  ] as const;
  return [
    ...(target.identityFile === '' ? [] : ownKey),
    ['PasswordAuthentication', 'no'],
    ['KbdInteractiveAuthentication', 'no'],
    ['StrictHostKeyChecking', files.isPinned ? 'yes' : 'accept-new'],
    ['HostKeyAlias', guestAlias],
    ['CheckHostIP', 'no'],
    ['HashKnownHosts', 'no'],
    ['UpdateHostKeys', 'no'],
    ['UserKnownHostsFile', configPath(files.knownHostsFile)],
    ['GlobalKnownHostsFile', configPath(files.knownHostsFile)],
    ['ControlMaster', 'no'],
    ['ControlPath', 'none'],
    ['ConnectTimeout', '10'],
    ['ServerAliveInterval', '15'],
    ['ServerAliveCountMax', '4'],
  ];
}

/** A path as ssh_config(5) reads it: words are split at spaces, and a percent sign begins a token. */
function configPath(path: string): string {
  return `"${path.replaceAll('\\', '/').replaceAll('%', '%%').replaceAll('"', '\\"')}"`;
}
