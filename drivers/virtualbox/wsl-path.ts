/** Whether a program that was found is one of Windows, called from Linux: then it knows paths by Windows' names only. */
export function isWindowsProgram(platform: NodeJS.Platform, program: string): boolean {
  return platform === 'linux' && /\.exe$/i.test(program);
}

/** Whether this Linux is one inside Windows (WSL). */
export function isWsl(platform: NodeJS.Platform, env: Readonly<Record<string, string | undefined>>): boolean {
  return platform === 'linux' && (env['WSL_DISTRO_NAME'] ?? env['WSL_INTEROP'] ?? '') !== '';
}

/** Where a Linux inside Windows finds Windows' drives, and what Windows calls that Linux. */
export interface WslPlace {
  /** `/mnt/` unless `/etc/wsl.conf` says otherwise; ends with a slash. */
  readonly driveRoot: string;
  /** The name of the distribution, as in `\\wsl.localhost\NAME`. */
  readonly distribution: string;
}

/** Reads `root` of the section `[automount]` in `/etc/wsl.conf`. */
export function parseDriveRoot(wslConf: string): string {
  const section = /^\s*\[automount\]\s*$([^[]*)/im.exec(wslConf)?.[1] ?? '';
  const root = /^\s*root\s*=\s*"?([^"\s#]+)"?/im.exec(section)?.[1] ?? '/mnt/';
  return root.endsWith('/') ? root : `${root}/`;
}

/** A path of Linux in Windows' words: `/mnt/c/Users/me` becomes `C:\Users\me`, `/home/me` becomes `\\wsl.localhost\NAME\home\me`. */
export function formatWindowsPath(path: string, place: WslPlace): string {
  const onDrive = path.startsWith(place.driveRoot) ? path.slice(place.driveRoot.length) : '';
  const [, drive, rest] = /^([A-Za-z])(?:\/(.*))?$/s.exec(onDrive) ?? [];
  if (drive !== undefined) return `${drive.toUpperCase()}:\\${(rest ?? '').replaceAll('/', '\\')}`;
  if (!path.startsWith('/')) return path.replaceAll('/', '\\');
  return `\\\\wsl.localhost\\${place.distribution}${path.replaceAll('/', '\\')}`;
}

/** A path of Windows in Linux' words; the reverse of `formatWindowsPath`. */
export function formatLinuxPath(path: string, place: WslPlace): string {
  const [, drive, rest] = /^([A-Za-z]):[\\/]?(.*)$/s.exec(path) ?? [];
  if (drive !== undefined) return `${place.driveRoot}${drive.toLowerCase()}/${(rest ?? '').replaceAll('\\', '/')}`;
  const [, inside] = /^\\\\wsl(?:\.localhost|\$)\\[^\\]+(\\.*)?$/is.exec(path) ?? [];
  return (inside ?? path).replaceAll('\\', '/');
}
