import { describe, expect, test } from 'vitest';
import { formatGoal } from '../../../../drivers/virtualbox/format-goal.ts';
import { planEnvironment } from '../../../../drivers/virtualbox/plan-environment.ts';
import { planLock } from '../../../../drivers/virtualbox/plan-lock.ts';
import { planWait } from '../../../../drivers/virtualbox/plan-wait.ts';
import { formatLinuxPath, formatWindowsPath, parseDriveRoot } from '../../../../drivers/virtualbox/wsl-path.ts';
import { recordings } from '../../../support/virtualbox-recordings.ts';

describe('planLock()', () => {
  test.each([
    ['showvminfo m1 --machinereadable', 'vboxmanage-m1'],
    ['controlvm m1 poweroff', 'vboxmanage-m1'],
    ['unregistervm --delete m1', 'vboxmanage-m1'],
    ['unregistervm m1 --delete', 'vboxmanage-m1'],
    ['sharedfolder add m1 --name home', 'vboxmanage-m1'],
    ['guestproperty set m1 /a b', 'vboxmanage-m1'],
    ['list vms', undefined],
    ['createvm --name m1', undefined],
    ['hostonlyif create', undefined],
    ['convertfromraw stdin disk.vmdk', undefined],
  ])('%s', (words, lock) => {
    expect(planLock(words.split(' '))).toBe(lock);
  });

  test('makes a file name of any name a VM can have', () => {
    expect(planLock(['showvminfo', '../ü x"{}'])).toMatch(/^vboxmanage-[\w.-]+$/);
  });
});

describe('planWait()', () => {
  test('waits for no failure that was recorded, but for VMs that are locked', () => {
    const waiting = recordings.filter(
      ({ code, argv, stderr }) => code !== 0 && planWait({ args: argv.slice(1), stderr }) !== undefined,
    );
    expect(waiting.map(({ name }) => name.slice(0, 3))).toEqual(['304', '305', '306', '310']);
  });

  test.each([
    'VBoxManage: error: The object is not ready',
    'VBoxManage: error: The session is not locked (session state: Unlocked)',
    "VBoxManage: error: The machine 'a' already has a lock request pending",
    'VBoxManage.exe: error: Сессия не заблокирована\nVBoxManage.exe: error: Details: code E_UNEXPECTED (0x8000ffff), component SessionWrap, interface ISession\nVBoxManage.exe: error: Context: "UnlockMachine()" at line 3336 of file VBoxManageInfo.cpp',
    'VBoxManage: error: Failed to create the VirtualBox object!\nVBoxManage: error: Code NS_BASE_STREAM_WOULD_BLOCK (0x80470007) - Stream operation would block (extended info not available)\nVBoxManage: error: Most likely, the VirtualBox COM server is not running or failed to start.',
    'VBoxManage.exe: error: Failed to create the VirtualBox object!\nVBoxManage.exe: error: Code CO_E_SERVER_EXEC_FAILURE (0x80080005)',
  ])('waits after %s', (stderr) => {
    expect(planWait({ args: ['modifyvm', 'm1'], stderr })).toBeDefined();
  });

  test('asks only questions again when the service has ended in the middle', () => {
    const stderr = 'VBoxManage: error: Code NS_ERROR_CALL_FAILED (0x800706be) - Call to remote object failed';
    expect(planWait({ args: ['showvminfo', 'm1'], stderr })).toBeDefined();
    expect(planWait({ args: ['createvm', '--name', 'm1'], stderr })).toBeUndefined();
  });

  test('does not wait for an installation that is broken', () => {
    const stderr =
      'VBoxManage.exe: error: Failed to create the VirtualBox object!\nVBoxManage.exe: error: Code REGDB_E_CLASSNOTREG (0x80040154)\nVBoxManage.exe: error: Most likely, the VirtualBox COM server is not running or failed to start.';
    expect(planWait({ args: ['list', 'vms'], stderr })).toBeUndefined();
  });

  test('does not wait for a VM whose settings are gone, nor for an address that is not allowed', () => {
    for (const stderr of [
      'VBoxManage: error: The object functionality is limited\nVBoxManage: error: Details: code E_ACCESSDENIED (0x80070005), component MachineWrap\nVBoxManage: error: Context: "LockMachine(a->session, LockType_Shared)" at line 3328',
      'VBoxManage: error: Code E_ACCESSDENIED (0x80070005) - Access denied (extended info not available)\nVBoxManage: error: Context: "EnableStaticIPConfig(Bstr(pszIp).raw())" at line 242',
    ])
      expect(planWait({ args: ['modifyvm', 'm1'], stderr })).toBeUndefined();
  });
});

describe('planEnvironment()', () => {
  test('keeps an English locale with UTF-8, or takes one', () => {
    const locale = (env: Record<string, string>, platform: NodeJS.Platform = 'linux'): string | undefined =>
      planEnvironment(platform, env, '/usr/bin/VBoxManage')['LC_ALL'];
    expect(locale({ LANG: 'en_GB.UTF-8' })).toBe('en_GB.UTF-8');
    expect(locale({ LANG: 'de_DE.UTF-8', LC_ALL: 'en_US.utf8' })).toBe('en_US.utf8');
    expect(locale({ LANG: 'ru_RU.UTF-8' })).toBe('C.UTF-8');
    expect(locale({ LANG: 'en_GB.UTF-8', LC_ALL: 'C' })).toBe('C.UTF-8');
    expect(locale({})).toBe('C.UTF-8');
    expect(locale({}, 'darwin')).toBe('en_US.UTF-8');
  });

  test('changes nothing on Windows', () => {
    expect(planEnvironment('win32', { LANG: 'x' }, 'C:\\VBoxManage.exe')).toEqual({});
  });
});

describe('paths under WSL', () => {
  const place = { driveRoot: '/mnt/', distribution: 'Ubuntu-24.04' };
  const pairs = [
    ['/mnt/c/Users/me/.docker/machine/m1/disk.vmdk', 'C:\\Users\\me\\.docker\\machine\\m1\\disk.vmdk'],
    ['/mnt/d', 'D:\\'],
    ['/home/me/a b', '\\\\wsl.localhost\\Ubuntu-24.04\\home\\me\\a b'],
    ['/mnt/data/x', '\\\\wsl.localhost\\Ubuntu-24.04\\mnt\\data\\x'],
  ] as const;

  test.each(pairs)('formatWindowsPath() of %s', (linux, windows) => {
    expect(formatWindowsPath(linux, place)).toBe(windows);
    expect(formatLinuxPath(windows, place).replace(/\/$/, '')).toBe(linux);
  });

  test('formatLinuxPath() knows the older name of the share, and slashes', () => {
    expect(formatLinuxPath('\\\\wsl$\\Debian\\home\\me', place)).toBe('/home/me');
    expect(formatLinuxPath('c:/Users/me', place)).toBe('/mnt/c/Users/me');
  });

  test.each([
    ['', '/mnt/'],
    ['[automount]\nroot = /windir/\noptions = "metadata"\n', '/windir/'],
    ['[automount]\nenabled=true\nroot="/"\n', '/'],
    ['[network]\nroot = /no\n', '/mnt/'],
    ['[automount]\n# root = /no\n[user]\nroot = /no\n', '/mnt/'],
  ])('parseDriveRoot() of %j', (text, root) => {
    expect(parseDriveRoot(text)).toBe(root);
  });

  test('drives may lie at the root', () => {
    const atRoot = { ...place, driveRoot: '/' };
    expect(formatWindowsPath('/c/Users', atRoot)).toBe('C:\\Users');
    expect(formatWindowsPath('/home/me', atRoot)).toBe('\\\\wsl.localhost\\Ubuntu-24.04\\home\\me');
  });
});

test.each([
  ['startvm U --type headless', 'start "m1"'],
  ['controlvm U acpipowerbutton', 'stop "m1"'],
  ['list --multiple vms hostonlyifs', 'list what VirtualBox has'],
  ['hostonlyif create', 'make a host-only adapter'],
  ['metrics list', 'run "VBoxManage metrics" for "m1"'],
])('formatGoal() of %s', (words, goal) => {
  expect(formatGoal(words.split(' '), 'm1')).toBe(goal);
});
