import { afterAll, expect, test } from 'vitest';
import { describeWith } from '../support/requires.ts';
import { flags, says, VirtualBoxBench } from '../support/virtualbox-bench.ts';
import { driverContract } from './driver-contract.ts';

describeWith(['qemu-system-x86_64', 'setpriv'], 'driver virtualbox with a stand-in for VirtualBox', () => {
  let bench: VirtualBoxBench;
  afterAll(async () => await bench[Symbol.asyncDispose]());

  driverContract('virtualbox', {
    store: async () => {
      bench = await VirtualBoxBench.make();
      return bench.store;
    },
    flags,
    says,
    killFromOutside: async (store, name) => {
      await bench.standIn.ask(['controlvm', String(store.data(name)['VMID']), 'poweroff']);
    },
  });

  test('nothing is left in VirtualBox', async () => {
    expect(await bench.standIn.ask('list vms')).toBe('');
    expect(await bench.standIn.ask('list dhcpservers')).not.toContain('Fixed Address');
  });
});
