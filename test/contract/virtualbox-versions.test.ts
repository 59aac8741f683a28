import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/requires.ts';
import { VirtualBoxBench } from '../support/virtualbox-bench.ts';

const warning = [
  'WARNING: The character device /dev/vboxdrv does not exist.',
  '\t Please install the virtualbox-dkms package and the appropriate',
  '\t headers, most likely linux-headers-amd64.',
  '',
  '\t You will not be able to start VMs until this problem is fixed.',
].join('\n');

describeWith(['qemu-system-x86_64', 'setpriv'], 'driver virtualbox with other versions of VirtualBox', () => {
  let bench: VirtualBoxBench;
  afterEach(async () => await bench[Symbol.asyncDispose]());

  test.each([
    { version: '5.2.44r139111', more: {}, hasFixedLeases: false },
    { version: '6.1.50r161033', more: { FAKE_VBOX_CRLF: '1' }, hasFixedLeases: true },
    { version: '7.0.20r163906', more: { FAKE_VBOX_WARNING: warning }, hasFixedLeases: true },
    { version: '8.0.0r200000', more: {}, hasFixedLeases: true },
  ])('create and remove with $version', async ({ version, more, hasFixedLeases }) => {
    bench = await VirtualBoxBench.make({ FAKE_VBOX_VERSION: version, ...more });
    const driver = await bench.created('m');
    expect(await driver.state()).toBe('Running');
    const calls = (await bench.takeCalls()).join('\n');
    expect(calls.includes('--fixed-address')).toBe(hasFixedLeases);
    await driver.remove();
    expect(await bench.standIn.ask('list vms', { FAKE_VBOX_WARNING: '', FAKE_VBOX_CRLF: '' })).toBe('');
  });
});
