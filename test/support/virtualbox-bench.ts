import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VirtualBoxData } from '../../drivers/virtualbox/data.ts';
import { openVirtualBox } from '../../drivers/virtualbox/driver.ts';
import { virtualBoxDriver } from '../../drivers/virtualbox/index.ts';
import { defaultLimits, type VirtualBoxLimits } from '../../drivers/virtualbox/machine.ts';
import { openMachine } from '../../drivers/virtualbox/open-machine.ts';
import type { Driver } from '../../src/driver/contract.ts';
import type { Host } from '../../src/driver/host.ts';
import type { TypedFlags } from '../../src/driver/resolve-flags.ts';
import { DriverStore, type DriverStoreOptions } from './driver-store.ts';
import { tinyGuestImage } from './tiny-guest.ts';
import { makeVBoxStandIn, type VBoxStandIn } from './vboxmanage-stand-in.ts';

/** What the guest of these machines writes to its console. */
export const says = 'tmachine: init';
/** A guest that is up at once and powers off when asked. */
export const image: Buffer = tinyGuestImage({ says, obeysPowerButton: true });
/** The smallest machine, on a network that everybody may listen on. */
export const flags: TypedFlags = {
  'virtualbox-memory': '256',
  'virtualbox-disk-size': '2000',
  'virtualbox-hostonly-cidr': '127.0.98.1/24',
  'virtualbox-no-vtx-check': true,
  'virtualbox-no-share': true,
};
const seed = Buffer.from('the seed');

/** A stand-in for VirtualBox with settings of its own, and a store of machines that uses it. */
export class VirtualBoxBench implements AsyncDisposable {
  readonly standIn: VBoxStandIn;
  readonly store: DriverStore;

  private constructor(standIn: VBoxStandIn, store: DriverStore) {
    this.standIn = standIn;
    this.store = store;
  }

  /** With `settings` the stand-in's behaviour is changed; machines are executed by QEMU unless told otherwise. */
  static async make(
    settings: Readonly<Record<string, string>> = {},
    options: Partial<DriverStoreOptions> = {},
  ): Promise<VirtualBoxBench> {
    const standIn = await makeVBoxStandIn({ FAKE_VBOX_ENGINE: 'qemu', ...settings });
    const env = { ...standIn.env, VBOXLAB_LOG: join(standIn.path, 'calls') };
    return new VirtualBoxBench(standIn, await DriverStore.make(virtualBoxDriver, { image, env, ...options }));
  }

  /** The calls that the driver made since the last question, as their words. */
  async takeCalls(): Promise<readonly string[]> {
    const log = join(this.standIn.path, 'calls');
    const text = await readFile(log, 'utf8').catch(() => '');
    await rm(log, { force: true });
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => line.split(' ').slice(3).join(' '));
  }

  /** A driver opened from the stored data, with other limits or another host. */
  open(name: string, limits: Partial<VirtualBoxLimits> = {}, change: (host: Host) => Host = (host) => host): Driver {
    const record = { name, data: this.store.data(name) as VirtualBoxData };
    const host = change(this.store.host(name));
    return openVirtualBox(openMachine(record, host, { ...defaultLimits, ...limits })) as unknown as Driver;
  }

  /** A configured machine that does not exist yet. */
  async configured(name: string, typed: TypedFlags = {}): Promise<Driver> {
    await this.store.add(name, { ...flags, ...typed });
    return this.open(name);
  }

  /** A running machine. */
  async created(name: string, typed: TypedFlags = {}): Promise<Driver> {
    const driver = await this.configured(name, typed);
    await driver.create(async () => seed);
    return this.open(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await this.standIn[Symbol.asyncDispose]();
  }
}
