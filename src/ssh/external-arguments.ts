import type { SshTarget } from './guest.ts';
import { guestAlias } from './known-hosts.ts';

/** What an OpenSSH command line depends on besides the target. */
export interface ExternalLogin {
  readonly knownHostsFile: string;
  /** Whether that file already holds the machine's host key. */
  readonly isPinned: boolean;
  /** Where OpenSSH writes its own messages, apart from the command's. */
  readonly logFile: string;
  readonly terminal: boolean;
}

/** The arguments of `ssh` that depend on nothing but the machine: no configuration file has a say. See ssh(1). */
export function formatSshArguments(target: SshTarget, login: ExternalLogin, command: string | undefined): string[] {
  // Not by -i, which looks for the file before it has expanded the percent signs.
  const ownKey = [`IdentityFile=${configPath(target.identityFile)}`, 'IdentitiesOnly=yes'];
  const options = [
    ...(target.identityFile === '' ? [] : ownKey),
    'PasswordAuthentication=no',
    'KbdInteractiveAuthentication=no',
    `StrictHostKeyChecking=${login.isPinned ? 'yes' : 'accept-new'}`,
    `HostKeyAlias=${guestAlias}`,
    'CheckHostIP=no',
    'HashKnownHosts=no',
    'UpdateHostKeys=no',
    `UserKnownHostsFile=${configPath(login.knownHostsFile)}`,
    `GlobalKnownHostsFile=${configPath(login.knownHostsFile)}`,
    'ControlMaster=no',
    'ControlPath=none',
    'ConnectTimeout=10',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
    // The log then says whether the remote command has ended, which status 255 alone does not.
    'LogLevel=DEBUG1',
  ];
  return [
    ...['-F', 'none', '-E', login.logFile],
    ...options.flatMap((option) => ['-o', option]),
    ...['-p', String(target.port), login.terminal ? '-t' : '-T'],
    `${target.user}@${target.host}`,
    // OpenSSH looks for options after the host too: the dashes keep the command a command.
    ...(command === undefined ? [] : ['--', command]),
  ];
}

/** A path as ssh_config(5) reads it: words are split at spaces, and a percent sign begins a token. */
function configPath(path: string): string {
  return `"${path.replaceAll('\\', '/').replaceAll('%', '%%').replaceAll('"', '\\"')}"`;
}
