import type { Location } from './location.ts';

/** What rsync is to do. */
export interface RsyncRequest {
  readonly source: Location;
  readonly target: Location;
  readonly recursive: boolean;
  readonly quiet: boolean;
  /** Whether somebody looks at a terminal. */
  readonly shows: boolean;
  /** In which the machine's name is a host. */
  readonly sshConfig: string;
}

/**
 * The arguments of rsync(1): modes and times are kept, because it tells by the time what has changed; links are followed, as `scp`
 * follows them. Slashes at the end of a folder mean what they mean to rsync.
 */
export function planRsync({ source, target, recursive, quiet, shows, sshConfig }: RsyncRequest): readonly string[] {
  return [
    ...(recursive ? ['-r'] : []),
    ...['--copy-links', '--perms', '--times', '--protect-args'],
    ...(quiet ? ['--quiet'] : shows ? ['--progress'] : []),
    ...['-e', `ssh -F ${quoteForRsync(sshConfig)}`, '--'],
    ...[source, target].map(formatPlace),
  ];
}

/** rsync splits the command at spaces and knows quotes, but no backslashes; a doubled quote stands for itself. */
function quoteForRsync(word: string): string {
  return `'${word.replaceAll("'", "''")}'`;
}

/** A colon before the first slash would make a host of a name. */
function formatPlace(location: Location): string {
  const { path } = location;
  if (location.kind === 'machine')
    return `${location.user === undefined ? '' : `${location.user}@`}${location.machine}:${path}`;
  return /^\.{0,2}\//.test(path) ? path : `./${path}`;
}
