import type { DriverRecord, Host } from 'tmachine/driver';
import { parseVirtualBoxData, type VirtualBoxData } from './data.ts';
import { virtualBoxFiles } from './files.ts';
import { defaultLimits, type VirtualBoxLimits, type VirtualBoxMachine } from './machine.ts';
import type { VBoxManage } from './vboxmanage.ts';

/** A stored machine, as the parts of this driver share it; records of docker-machine's included. */
export function openMachine(
  record: DriverRecord<VirtualBoxData>,
  host: Host,
  limits: VirtualBoxLimits = defaultLimits,
): VirtualBoxMachine {
  let data = parseVirtualBoxData(record.data);
  let vboxManage: Promise<VBoxManage> | undefined;
  const learn = (change: Partial<VirtualBoxData>): void => {
    data = { ...data, ...change };
  };
  return {
    name: record.name,
    host,
    files: virtualBoxFiles(host.directory),
    limits,
    data: () => data,
    learn,
    update: async (change) => {
      learn(change);
      await host.saveData(data);
    },
    vboxManage: async () => {
      vboxManage ??= import('./vboxmanage.ts').then(async ({ openVBoxManage }) => await openVBoxManage(host));
      return await vboxManage;
    },
    vm: () => data.VMID || record.name,
  };
}
