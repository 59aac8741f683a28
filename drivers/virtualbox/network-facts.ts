import { parseCidr } from './cidr.ts';
import type { NetworkFacts } from './host-only-network.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { parseNetworkListing } from './network-listing.ts';
import { type NetworksConf, networksConfPath, parseNetworksConf } from './networks-conf.ts';
import type { DhcpServer } from './parse-host-only.ts';
import { isWindowsProgram } from './wsl-path.ts';

/** Gathers what the choice of a network depends on; makes no call. */
export async function readNetworkFacts(
  machine: VirtualBoxMachine,
  sections: ReadonlyMap<string, string>,
): Promise<NetworkFacts> {
  const { host } = machine;
  const listed = parseNetworkListing(sections);
  const { program } = await machine.vboxManage();
  const isWindows = host.platform === 'win32' || isWindowsProgram(host.platform, program);
  // To bring an adapter up Windows would ask the user each time, and VirtualBox does it anyway.
  const adapters = listed.adapters.map((adapter) => (isWindows ? { ...adapter, isUp: true } : adapter));
  const others = await host.otherMachines();
  const usedCidrs = others.flatMap(({ IPAddress, HostOnlyCIDR }) =>
    IPAddress ? (parseCidr(String(HostOnlyCIDR ?? '')) ?? []) : [],
  );
  return {
    listing: { ...listed, adapters },
    interfaces: await host.network.interfaceAddresses(),
    conf: isWindows ? undefined : await readConf(machine, listed.servers),
    usedCidrs,
    isOnlySettings: !host.env['VBOX_USER_HOME'],
  };
}

/** Versions before fixed leases are before the ranges, too. */
async function readConf(
  { host }: VirtualBoxMachine,
  servers: readonly DhcpServer[],
): Promise<NetworksConf | undefined> {
  if (servers.some(({ knowsLeases }) => !knowsLeases)) return undefined;
  return parseNetworksConf(await host.files.readText(networksConfPath));
}
