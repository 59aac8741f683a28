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
  const listing = parseNetworkListing(sections);
  const others = await host.otherMachines();
  const usedCidrs = others.flatMap(({ IPAddress, HostOnlyCIDR }) =>
    IPAddress ? (parseCidr(String(HostOnlyCIDR ?? '')) ?? []) : [],
  );
  return {
    listing,
    interfaces: await host.network.interfaceAddresses(),
    conf: await readConf(machine, listing.servers),
    usedCidrs,
    isOnlySettings: !host.env['VBOX_USER_HOME'],
  };
}

/** Versions before fixed leases are before the ranges, too, and Windows knows none. */
async function readConf(machine: VirtualBoxMachine, servers: readonly DhcpServer[]): Promise<NetworksConf | undefined> {
  const { host } = machine;
  const { program } = await machine.vboxManage();
  if (host.platform === 'win32' || isWindowsProgram(host.platform, program)) return undefined;
  if (servers.some(({ knowsLeases }) => !knowsLeases)) return undefined;
  return parseNetworksConf(await host.files.readText(networksConfPath));
}
