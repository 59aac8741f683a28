import { afterAll, beforeAll, expect, test } from 'vitest';
import { virtualBoxDriver } from '../../drivers/virtualbox/index.ts';
import type { TypedFlags } from '../../src/driver/resolve-flags.ts';
import { driverContract } from '../contract/driver-contract.ts';
import { DriverStore } from '../support/driver-store.ts';
import { describeWith } from '../support/requires.ts';
import { tinyGuestImage } from '../support/tiny-guest.ts';
import { openVirtualBoxPlace, type VirtualBoxPlace } from '../support/virtualbox-place.ts';

const says = 'tmachine: init';
const flags: TypedFlags = {
  'virtualbox-memory': '256',
  'virtualbox-disk-size': '2000',
  'virtualbox-no-vtx-check': true,
  'virtualbox-no-share': true,
};

describeWith(['VBoxManage'], 'driver virtualbox with the VBoxManage of this computer', () => {
  let place: VirtualBoxPlace;
  beforeAll(async () => {
    place = await openVirtualBoxPlace();
  });
  afterAll(async () => await place?.[Symbol.asyncDispose]());

  driverContract('virtualbox', {
    store: async () => {
      const image = tinyGuestImage({ says, obeysPowerButton: true });
      return await DriverStore.make(virtualBoxDriver, { image, env: { ...process.env, ...place.env } });
    },
    flags,
    says,
    killFromOutside: async (store, name) => {
      const id = String(store.data(name)['VMID']);
      await place.vboxManage('startvm', id, '--type', 'emergencystop');
      await expect.poll(async () => await place.vboxManage('list', 'runningvms')).not.toContain(id);
    },
  });

  test('nothing is left in VirtualBox', async () => {
    expect(await place.vboxManage('list', 'vms')).toBe('');
    expect(await place.vboxManage('list', 'dhcpservers')).not.toContain('Fixed Address');
  });
});
