import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { configureVirtualBox, type VirtualBoxData } from '../../drivers/virtualbox/data.ts';
import { virtualBoxFlags } from '../../drivers/virtualbox/flags.ts';
import type { VirtualBoxMachine } from '../../drivers/virtualbox/machine.ts';
import {
  claimLease,
  type MendedNetwork,
  mendNetwork,
  nicArgs,
  prepareNetwork,
} from '../../drivers/virtualbox/network.ts';
import { openMachine } from '../../drivers/virtualbox/open-machine.ts';
import { parseVmInfo } from '../../drivers/virtualbox/parse-vm-info.ts';
import type { JsonObject } from '../../src/driver/contract.ts';
import type { Host } from '../../src/driver/host.ts';
import { resolveFlags, type TypedFlags } from '../../src/driver/resolve-flags.ts';
import { createDriverHost } from '../../src/machine/driver-host.ts';
import { makeVBoxStandIn, type VBoxStandIn } from './vboxmanage-stand-in.ts';

/** A store of machines that get their networks from a stand-in for VBoxManage. */
export interface NetworkBench extends AsyncDisposable {
  readonly standIn: VBoxStandIn;
  /** A machine of the store, as a command opens it; `typed` are the options of a new one. */
  machine(name: string, typed?: TypedFlags): VirtualBoxMachine;
  /** Changes what the store keeps of a machine. */
  change(name: string, change: Partial<VirtualBoxData>): void;
  data(name: string): VirtualBoxData;
  /** What `create` does about networks, and then the VM with its cards. */
  create(name: string, typed?: TypedFlags): Promise<VirtualBoxData>;
  /** What `start` does about networks. */
  start(name: string): Promise<MendedNetwork>;
  /** The calls made since the last question, without those of `standIn.ask`. */
  takeCalls(): Promise<readonly string[]>;
}

/** Opens an empty store; `settings` are the stand-in's variables. */
export async function openNetworkBench(
  settings: Readonly<Record<string, string>> = {},
  platform: NodeJS.Platform = 'linux',
): Promise<NetworkBench> {
  const standIn = await makeVBoxStandIn(settings);
  const log = join(standIn.path, 'calls');
  const stored = new Map<string, VirtualBoxData>();
  const env = { ...standIn.env, VBOXLAB_LOG: log };
  const host = (name: string): Host => ({
    ...createDriverHost({
      platform,
      env,
      directory: join(standIn.path, 'machines', name),
      sshClient: 'native',
      lockDirectory: join(standIn.path, 'locks'),
      signal: new AbortController().signal,
      emit: () => undefined,
      bootImage: () => Promise.reject(new Error('This test needs no boot image')),
      otherMachines: async () => [...stored].filter(([other]) => other !== name).map(([, data]) => data),
      saveData: async (data: JsonObject) => void stored.set(name, data as VirtualBoxData),
    }),
    // The stand-in within this process: hundreds of calls would spend a minute on starting Node.
    run: async ({ args, env: more = {} }) => {
      const { code, ...streams } = await standIn.answer(args, { VBOXLAB_LOG: log, ...more });
      return { exitCode: code, ...streams };
    },
  });
  const data = (name: string): VirtualBoxData => {
    const found = stored.get(name);
    if (found === undefined) throw new Error(`The test has made no machine "${name}"`);
    return found;
  };
  const machine = (name: string, typed: TypedFlags = {}): VirtualBoxMachine => {
    const place = { name, storePath: standIn.path, sshKeyPath: join(standIn.path, name, 'id_rsa') };
    const record = stored.get(name) ?? configureVirtualBox(resolveFlags(virtualBoxFlags, typed, {}), place);
    stored.set(name, record);
    return openMachine({ name, data: record }, host(name));
  };
  const create = async (name: string, typed?: TypedFlags): Promise<VirtualBoxData> => {
    const one = machine(name, typed);
    const network = await one.host.withLock('virtualbox-network', async () => {
      const prepared = await prepareNetwork(one);
      await claimLease(one, prepared);
      return prepared.network;
    });
    await mkdir(one.host.directory, { recursive: true });
    await standIn.ask(['createvm', '--name', name, '--register', '--basefolder', one.host.directory]);
    await standIn.ask(['modifyvm', name, ...nicArgs(network), '--macaddress2', data(name).HostOnlyMAC]);
    return data(name);
  };
  const start = async (name: string): Promise<MendedNetwork> => {
    const info = parseVmInfo(await standIn.ask(['showvminfo', name, '--machinereadable']));
    return await mendNetwork(machine(name), info);
  };
  return {
    ...{ standIn, machine, data, create, start },
    change: (name, change) => void stored.set(name, { ...data(name), ...change }),
    takeCalls: async () => {
      const text = await readFile(log, 'utf8').catch(() => '');
      await rm(log, { force: true });
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(' ').slice(3).join(' '));
    },
    [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
  };
}
