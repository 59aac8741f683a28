import { readFile, rm, writeFile } from 'node:fs/promises';
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
/** The range that VirtualBox allows everywhere. */
export const cidr = '192.168.56.1/24';
/** For a stand-in that executes nothing: nobody listens on the SSH port then. */
export const quick: Partial<VirtualBoxLimits> = { portMs: 0, askMs: 10 };
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
    const { FAKE_VBOX_FAULTS = '', ...others } = settings;
    const standIn = await makeVBoxStandIn({ FAKE_VBOX_ENGINE: 'qemu', ...others });
    // What the test itself asks of the stand-in never goes wrong.
    const env = { ...standIn.env, VBOXLAB_LOG: join(standIn.path, 'calls'), FAKE_VBOX_FAULTS };
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

  idOf(name: string): string {
    return String(this.store.data(name)['VMID']);
  }

  /** A host-only network as an earlier machine has left it. */
  async makeNetwork(): Promise<void> {
    await this.standIn.ask('hostonlyif create');
    await this.standIn.ask('hostonlyif ipconfig vboxnet0 --ip 192.168.56.1 --netmask 255.255.255.0');
  }

  /** A stopped VM as docker-machine makes it, and its record without our keys. */
  async madeByDockerMachine(name: string, basefolder: string = this.store.directory(name)): Promise<void> {
    await this.store.add(name, flags);
    const folder = this.store.directory(name);
    await writeFile(join(folder, 'boot2docker.iso'), image);
    const ask = async (words: readonly string[]): Promise<string> => await this.standIn.ask(words);
    const disk = join(folder, 'disk.vmdk');
    await ask(['createmedium', 'disk', '--filename', disk, '--size', '100', '--format', 'VMDK']);
    await ask(['createvm', '--basefolder', basefolder, '--name', name, '--register']);
    const nic2 = ['--nic2', 'hostonly', '--hostonlyadapter2', 'vboxnet0'];
    await ask(['modifyvm', name, '--nic1', 'nat', '--natpf1', 'ssh,tcp,127.0.0.1,50321,,22', ...nic2]);
    await ask(['storagectl', name, '--name', 'SATA', '--add', 'sata', '--hostiocache', 'on']);
    const attach = ['storageattach', name, '--storagectl', 'SATA', '--device', '0', '--port'];
    await ask([...attach, '0', '--type', 'dvddrive', '--medium', join(folder, 'boot2docker.iso')]);
    await ask([...attach, '1', '--type', 'hdd', '--medium', disk]);
    const known = Object.entries(this.store.data(name)).filter(([key]) => !ownKeys.has(key));
    await this.store.host(name).saveData({ ...Object.fromEntries(known), HostOnlyCIDR: cidr, SSHPort: 50321 });
  }

  /** A running VM of ours, made without the driver because that takes longer. */
  async running(name: string): Promise<void> {
    await this.makeNetwork();
    await this.madeByDockerMachine(name);
    await this.standIn.ask(['startvm', name, '--type', 'headless']);
    const VMID = (await this.standIn.info(name, 'UUID')) ?? '';
    const HostOnlyMAC = (await this.standIn.info(name, 'macaddress2')) ?? '';
    const learnt = { VMID, HostOnlyMAC, HostOnlyName: 'vboxnet0', HostOnlyKind: 'adapter', KeepsConsole: true };
    await this.store.host(name).saveData({ ...this.store.data(name), ...learnt });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await this.standIn[Symbol.asyncDispose]();
  }
}

/** What docker-machine does not write. */
const ownKeys = new Set(
  'ShareFolders VMID RequestedIP HostOnlyKind HostOnlyName HostOnlyMAC FixedLease KeepsConsole'.split(' '),
);
