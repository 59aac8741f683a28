import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findVBoxManage } from '../../../../drivers/virtualbox/find-vboxmanage.ts';
import { parseRegistryValue } from '../../../../drivers/virtualbox/parse-registry-value.ts';
import { openVBoxManage } from '../../../../drivers/virtualbox/vboxmanage.ts';
import { writeProgram } from '../../../support/fake-path.ts';
import { VBoxManageBench } from '../../../support/vboxmanage-bench.ts';

let bench: VBoxManageBench;
beforeEach(async () => {
  bench = await VBoxManageBench.make();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

/** A folder with a program in it, outside PATH. */
async function install(folder: string, name: string): Promise<string> {
  await mkdir(join(bench.root, folder), { recursive: true });
  return await writeProgram(join(bench.root, folder), name, 'echo 7.2.0r1');
}

describe('findVBoxManage()', () => {
  test('takes the one on PATH first', async () => {
    const program = await bench.program('echo 7.2.0r1', 'VBoxManage.exe');
    await install('elsewhere', 'VBoxManage.exe');
    const env = { VBOX_MSI_INSTALL_PATH: join(bench.root, 'elsewhere') };
    expect(await findVBoxManage(bench.host({ platform: 'win32', env: { ...env, PATHEXT: '.EXE' } }))).toBe(program);
  });

  test.each(['VBOX_MSI_INSTALL_PATH', 'VBOX_INSTALL_PATH'])('looks where %s says on Windows', async (name) => {
    const program = await install('Oracle/VirtualBox', 'VBoxManage.exe');
    const env = { [name]: join(bench.root, 'Oracle/VirtualBox'), PATHEXT: '.COM;.EXE' };
    expect(await findVBoxManage(bench.host({ platform: 'win32', env }))).toBe(program);
  });

  test('asks the registry of Windows where nothing else helps', async () => {
    const program = await install('D/Virtual Box', 'VBoxManage.exe');
    await bench.program(
      `echo "$@" > "$HERE/asked"\nprintf '\\r\\nHKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\Oracle\\\\VirtualBox\\r\\n    InstallDir    REG_SZ    %s/\\r\\n\\r\\n' "$HERE/D/Virtual Box"`,
      'reg.exe',
    );
    expect(await findVBoxManage(bench.host({ platform: 'win32', env: { PATHEXT: '.EXE' } }))).toBe(program);
  });

  test('refuses with exit status 3 and says how to install it', async () => {
    const env = { PATHEXT: '.EXE', PATH: join(bench.root, 'bin') };
    const failure = { code: 'VBOXMANAGE_NOT_FOUND', exitCode: 3 };
    await expect(findVBoxManage(bench.host({ platform: 'win32', env }))).rejects.toMatchObject({
      ...failure,
      hint: expect.stringContaining('winget'),
    });
    await expect(findVBoxManage(bench.host({ platform: 'aix', env }))).rejects.toMatchObject(failure);
  });

  test('prefers the VirtualBox of Windows under WSL', async () => {
    await bench.program('echo linux', 'VBoxManage');
    const program = await bench.program('echo windows', 'VBoxManage.exe');
    expect(await findVBoxManage(bench.host({ platform: 'linux', env: { WSL_DISTRO_NAME: 'Debian' } }))).toBe(program);
    expect(await findVBoxManage(bench.host({ platform: 'linux' }))).toBe(join(bench.root, 'bin', 'VBoxManage'));
  });
});

test('openVBoxManage() makes no call', async () => {
  await bench.program('touch "$HERE/called"; exit 1');
  const host = bench.host();
  const vboxManage = await openVBoxManage(host);
  expect(vboxManage.program).toBe(join(bench.root, 'bin', 'VBoxManage'));
  expect(await host.files.exists(join(bench.root, 'called'))).toBe(false);
});

describe('a VBoxManage of Windows, called from WSL', () => {
  const env = { WSL_DISTRO_NAME: 'Debian', WSLENV: 'FOO/u', VBOX_USER_HOME: '/mnt/c/vbox' };

  test('is told paths as Windows knows them, and its own are understood', async () => {
    await bench.program('', 'VBoxManage.exe');
    const vboxManage = await openVBoxManage(bench.host({ platform: 'linux', env }));
    expect(await vboxManage.toProgramPath('/mnt/c/Users/me/m1/disk.vmdk')).toBe('C:\\Users\\me\\m1\\disk.vmdk');
    expect(await vboxManage.toProgramPath('/home/me/m1')).toBe('\\\\wsl.localhost\\Debian\\home\\me\\m1');
    expect(await vboxManage.toHostPath('C:\\Users\\me\\m1\\Logs')).toBe('/mnt/c/Users/me/m1/Logs');
  });

  test('is told where VirtualBox keeps its settings', async () => {
    await bench.program('echo "$WSLENV $VBOX_USER_HOME"', 'VBoxManage.exe');
    const vboxManage = await openVBoxManage(bench.host({ platform: 'linux', env }));
    expect(await vboxManage.run({ args: ['list'] })).toBe('FOO/u:VBOX_USER_HOME/p /mnt/c/vbox\n');
  });

  test('is the exception: elsewhere paths stay as they are', async () => {
    await bench.program('');
    const vboxManage = await openVBoxManage(bench.host());
    expect(await vboxManage.toProgramPath('/mnt/c/x')).toBe('/mnt/c/x');
    expect(await vboxManage.toHostPath('C:\\x')).toBe('C:\\x');
  });
});

describe('a VBoxManage on Windows', () => {
  const env = { PATHEXT: '.EXE' };
  /** `Имя: vboxnet0` in code page 1251, and `Jürgen` in 1252. */
  const cyrillic = String.raw`\310\354\377:            vboxnet0\r\n`;
  const umlaut = String.raw`J\374rgen\r\n`;
  const codePage = (number: string) =>
    `printf '\\r\\n    ACP    REG_SZ    ${number}\\r\\n'; echo asked >> "$HERE/asked"`;

  test('is read in the code page of the user’s language, which is asked for once', async () => {
    await bench.program(`printf '${cyrillic}'`, 'VBoxManage.exe');
    await bench.program(codePage('1251'), 'reg.exe');
    const host = bench.host({ platform: 'win32', env });
    const vboxManage = await openVBoxManage(host);
    for (let call = 0; call < 2; call++)
      expect(await vboxManage.run({ args: ['list', 'hostonlyifs'] })).toBe('Name:            vboxnet0\n');
    expect(await host.files.readText(join(bench.root, 'asked'))).toBe('asked\n');
  });

  test.each([
    ['1252', umlaut, 'Jürgen\n'],
    ['932', String.raw`\226\173`, '本'],
    ['65001', String.raw`J\303\274rgen`, 'Jürgen'],
    ['unheard of', umlaut, 'Jürgen\n'],
  ])('is read in code page %s', async (number, bytes, text) => {
    await bench.program(`printf '${bytes}'`, 'VBoxManage.exe');
    await bench.program(codePage(number), 'reg.exe');
    const vboxManage = await openVBoxManage(bench.host({ platform: 'win32', env }));
    expect(await vboxManage.run({ args: ['list'] })).toBe(text);
  });

  test('asks nothing for ASCII and for UTF-8', async () => {
    await bench.program(String.raw`printf 'x\303\274'`, 'VBoxManage.exe');
    await bench.program('touch "$HERE/asked"', 'reg.exe');
    const host = bench.host({ platform: 'win32', env });
    expect(await (await openVBoxManage(host)).run({ args: ['list'] })).toBe('xü');
    expect(await host.files.exists(join(bench.root, 'asked'))).toBe(false);
  });
});

test('parseRegistryValue() reads a value with spaces, and finds none in an error', () => {
  const answer =
    '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Oracle\\VirtualBox\r\n    InstallDir    REG_SZ    C:\\Program Files\\Oracle\\VirtualBox\\\r\n';
  expect(parseRegistryValue(answer, 'InstallDir')).toBe('C:\\Program Files\\Oracle\\VirtualBox\\');
  expect(
    parseRegistryValue('ERROR: The system was unable to find the specified registry key', 'InstallDir'),
  ).toBeUndefined();
});
