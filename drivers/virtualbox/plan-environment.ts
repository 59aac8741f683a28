import { isWindowsProgram } from './wsl-path.ts';

/** The variables that decide about a call, of the user's. */
type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What is changed in the environment of VBoxManage, and of the service it starts. Any other language in it would change VirtualBox's words; a
 * character set of ASCII, as `LC_ALL=C` has it, would make VBoxManage end at once for any path beyond that. From WSL, Windows hears of
 * VirtualBox's settings folder only when told to.
 */
export function planEnvironment(platform: NodeJS.Platform, env: Variables, program: string): Record<string, string> {
  if (platform === 'win32') return {};
  if (isWindowsProgram(platform, program)) {
    const names = [env['WSLENV'] ?? '', env['VBOX_USER_HOME'] === undefined ? '' : 'VBOX_USER_HOME/p'];
    return { WSLENV: names.filter((name) => name !== '').join(':') };
  }
  const users = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const isFit = /^(?:en_[A-Z]{2}|C)\.utf-?8$/i.test(users);
  return { LC_ALL: isFit ? users : platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8' };
}
