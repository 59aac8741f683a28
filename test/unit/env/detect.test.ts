import { describe, expect, it } from 'vitest';
import { detectShell, type ShellClues } from '../../../src/env/detect.ts';
import { knownShell, parseShellName } from '../../../src/env/shells.ts';

const machineModules =
  'C:\\Program Files\\WindowsPowerShell\\Modules;C:\\WINDOWS\\system32\\WindowsPowerShell\\v1.0\\Modules';
const userModules = `C:\\Users\\Taro\\Documents\\WindowsPowerShell\\Modules;${machineModules}`;

describe('detectShell()', () => {
  it.each<[string, Omit<ShellClues, 'platform'> & { platform?: NodeJS.Platform }, string]>([
    ['bash by SHELL', { env: { SHELL: '/bin/bash' }, parents: [] }, 'posix'],
    ['zsh by SHELL', { env: { SHELL: '/usr/bin/zsh' }, parents: [] }, 'posix'],
    ['fish by SHELL', { env: { SHELL: '/usr/bin/fish' }, parents: [] }, 'fish'],
    ['csh by SHELL', { env: { SHELL: '/bin/csh' }, parents: [] }, 'tcsh'],
    ['nothing known', { env: {}, parents: [] }, 'posix'],
    [
      'a script for sh run by someone whose shell is fish',
      { env: { SHELL: '/usr/bin/fish' }, parents: ['sh', 'fish'] },
      'posix',
    ],
    ['fish started in bash', { env: { SHELL: '/bin/bash' }, parents: ['fish', 'bash'] }, 'fish'],
    ['fish through npx', { env: { SHELL: '/bin/bash' }, parents: ['node', 'sh', 'npm exec tmachi', 'fish'] }, 'fish'],
    ['xonsh by its parent', { env: { SHELL: '/bin/bash' }, parents: ['xonsh', 'bash'] }, 'xonsh'],
    ['Elvish as the shell of a user', { env: { SHELL: '/usr/bin/elvish' }, parents: [] }, 'elvish'],
    ['a login shell', { env: {}, parents: ['-zsh'] }, 'posix'],
    ['pwsh on Linux', { env: { SHELL: '/bin/bash' }, parents: ['pwsh', 'bash'] }, 'powershell'],
    [
      'pwsh on Linux without its name',
      { env: { SHELL: '/bin/bash', PSModulePath: '/m', POWERSHELL_DISTRIBUTION_CHANNEL: 'PSDocker' }, parents: [] },
      'powershell',
    ],
    ['shell-command of Emacs', { env: {}, parents: ['node', 'bash', 'emacs'] }, 'emacs'],
    ['a shell buffer in Emacs', { env: { INSIDE_EMACS: '29.1,comint' }, parents: ['bash', 'emacs'] }, 'posix'],
    ['emacs itself', { env: {}, parents: ['emacs'] }, 'emacs'],
    ['WSL', { env: { SHELL: '/bin/bash', WSL_DISTRO_NAME: 'Debian' }, parents: [] }, 'posix'],
    [
      'PowerShell by its modules',
      { platform: 'win32', env: { PSModulePath: userModules, PROMPT: '$P$G' }, parents: [] },
      'powershell',
    ],
    [
      'cmd without a clue but the machine’s modules',
      { platform: 'win32', env: { PSModulePath: machineModules, PROMPT: '$P$G' }, parents: [] },
      'cmd',
    ],
    [
      'Git Bash',
      {
        platform: 'win32',
        env: { MSYSTEM: 'MINGW64', SHELL: 'C:\\Program Files\\Git\\usr\\bin\\bash.exe', PSModulePath: userModules },
        parents: [],
      },
      'posix',
    ],
    [
      'Git Bash by MSYSTEM',
      { platform: 'win32', env: { MSYSTEM: 'MINGW64', PSModulePath: machineModules }, parents: [] },
      'posix',
    ],
    [
      'npm’s start script in Git Bash',
      { platform: 'win32', env: { MSYSTEM: 'MINGW64', _: 'C:/Program Files/nodejs/node.exe' }, parents: [] },
      'posix',
    ],
    [
      'cmd started in Git Bash',
      {
        platform: 'win32',
        env: { MSYSTEM: 'MINGW64', SHELL: '/usr/bin/bash', _: '/c/WINDOWS/system32/cmd' },
        parents: [],
      },
      'cmd',
    ],
    [
      'PowerShell started in Git Bash',
      {
        platform: 'win32',
        env: { MSYSTEM: 'MINGW64', _: 'C:/Program Files/PowerShell/7/pwsh.exe', PSModulePath: userModules },
        parents: [],
      },
      'powershell',
    ],
    [
      'PowerShell 7 by its modules in a cloud folder',
      {
        platform: 'win32',
        env: { PSModulePath: `C:\\Users\\Taro\\OneDrive\\Documents\\PowerShell\\Modules;${machineModules}` },
        parents: [],
      },
      'powershell',
    ],
  ])('recognises %s', (_, clues, shell) => {
    expect(detectShell({ platform: 'linux', ...clues })).toBe(shell);
  });
});

describe('parseShellName()', () => {
  it('takes names, paths and Windows programs, and anything unknown as POSIX', () => {
    expect(['bash', 'pwsh', 'CMD.EXE', '/usr/bin/fish', 'csh', 'emacs', 'rc'].map(parseShellName)).toEqual([
      'posix',
      'powershell',
      'cmd',
      'fish',
      'tcsh',
      'emacs',
      'posix',
    ]);
  });
});

describe('knownShell()', () => {
  it('knows no shell by names that every object has', () => {
    expect(['constructor', 'node', '', 'toString'].map(knownShell)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
