import { afterEach, describe, expect, test } from 'vitest';
import {
  checkHardware,
  parseCpuFlags,
  parseSecureBoot,
  parseSupport,
} from '../../../../drivers/virtualbox/hardware.ts';
import { virtualBoxDriver } from '../../../../drivers/virtualbox/index.ts';
import type { VBoxManage } from '../../../../drivers/virtualbox/vboxmanage.ts';
import { parseVBoxVersion } from '../../../../drivers/virtualbox/version.ts';
import type { Host } from '../../../../src/driver/host.ts';
import { DriverStore } from '../../../support/driver-store.ts';

const intel = 'flags\t\t: fpu vme vmx sse2\nbugs\t\t: none\n';
const secureBoot = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
const stores: DriverStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store[Symbol.asyncDispose]();
});

/** A host of this system with just these files. */
async function hostWith(
  files: Readonly<Record<string, string>>,
  change: Partial<Host> = {},
): Promise<{ host: Host; store: DriverStore }> {
  const store = await DriverStore.make(virtualBoxDriver, { image: Buffer.from(''), env: {} });
  stores.push(store);
  const host = store.host('box');
  const own = { readText: async (path: string) => files[path], exists: async (path: string) => path in files };
  return { store, host: { ...host, platform: 'linux', files: { ...host.files, ...own }, ...change } };
}

const version = (text: string): Pick<VBoxManage, 'version'> => ({
  version: async () => {
    const parsed = parseVBoxVersion(text);
    if (parsed === undefined) throw new Error(`${text} is no version`);
    return parsed;
  },
});

describe('checkHardware()', () => {
  test('lets a Linux pass that has the processor and the kernel module', async () => {
    const { host } = await hostWith({ '/proc/cpuinfo': intel, '/dev/vboxdrv': '' });
    await checkHardware(host, '', version('7.2.0r1'));
  });

  test.each([
    ['no flag', { '/proc/cpuinfo': 'flags\t\t: fpu sse2\n', '/dev/vboxdrv': '' }, /VT-x, AMD-V\) is off or missing/],
    ['no module', { '/proc/cpuinfo': intel }, /vboxdrv is not loaded$/],
    ['Secure Boot', { '/proc/cpuinfo': intel, [secureBoot]: '\u0006\0\0\0\u0001' }, /Secure Boot allows signed/],
  ])('explains %s', async (_, files, message) => {
    const { host } = await hostWith(files);
    await expect(checkHardware(host, '', version('7.2.0r1'))).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringContaining('--virtualbox-no-vtx-check'),
      exitCode: 3,
    });
  });

  test('under WSL it is the Windows of VirtualBox that counts', async () => {
    const { host } = await hostWith({}, { env: { WSL_DISTRO_NAME: 'Debian' } });
    await checkHardware(host, 'Processor supports HW virtualization: yes\n', version('7.2.0r1'));
    await expect(checkHardware(host, 'Processor supports HW virtualization: no\n', version('7.2.0r1'))).rejects.toThrow(
      'off or missing',
    );
  });

  test('warns of Hyper-V, and takes its absence for a processor without help', async () => {
    const windows = (isPresent: string): Partial<Host> => ({
      platform: 'win32',
      findProgram: async () => 'powershell.exe',
      run: async () => ({ exitCode: 0, stdout: `${isPresent}\r\n`, stderr: '' }),
    });
    const hyperV = await hostWith({}, windows('True'));
    await checkHardware(hyperV.host, 'Processor supports HW virtualization: no\r\n', version('7.2.0r1'));
    expect(hyperV.store.events).toMatchObject([{ type: 'notice', level: 'warning' }]);
    const old = checkHardware(hyperV.host, 'Processor supports HW virtualization: no\n', version('6.0.24r139119'));
    await expect(old).rejects.toMatchObject({ message: expect.stringContaining('Hyper-V'), exitCode: 3 });
    const { host } = await hostWith({}, windows('False'));
    await expect(checkHardware(host, 'Processor supports HW virtualization: no\n', version('7.2.0r1'))).rejects.toThrow(
      'off or missing',
    );
  });

  test('sends the owner of a Mac with Apple silicon elsewhere', async () => {
    const mac = (answer: string): Partial<Host> => ({
      platform: 'darwin',
      findProgram: async () => '/usr/sbin/sysctl',
      run: async () => ({ exitCode: 0, stdout: answer, stderr: '' }),
    });
    const silicon = await hostWith({}, mac('1\n'));
    await expect(checkHardware(silicon.host, '', version('7.2.0r1'))).rejects.toThrow('ARM guests only');
    const intel = await hostWith({}, mac(''));
    await checkHardware(intel.host, 'Processor supports HW virtualization: yes\n', version('7.2.0r1'));
  });

  test('believes a version that does not say', async () => {
    const { host } = await hostWith({}, { platform: 'freebsd' });
    await checkHardware(host, 'Host Information:\n', version('7.2.0r1'));
  });
});

test('parseSupport() reads what `list hostinfo` says', () => {
  expect(parseSupport('Processor online count: 2\nProcessor supports HW virtualization: no\n')).toBe('no');
  expect(parseSupport('')).toBeUndefined();
});

test('parseCpuFlags() finds no flag inside another', () => {
  expect(parseCpuFlags('flags\t\t: vmxnot svmx\n').has('vmx')).toBe(false);
});

test('parseSecureBoot() reads the last byte of the variable', () => {
  expect(parseSecureBoot('\u0006\0\0\0\u0000')).toBe(false);
  expect(parseSecureBoot('')).toBe(false);
});
