import type { InterfaceAddress } from 'tmachine/driver';
import { type Cidr, doOverlap, formatCidr, formatIpv4, networkOf, parseIpv4, parseNetmask } from './cidr.ts';
import type { NetworkListing } from './network-listing.ts';
import type { NetworksConf } from './networks-conf.ts';
import { type HostOnlyAdapter, servesNetwork } from './parse-host-only.ts';

/** The host-only network of a machine. */
export interface HostOnlyNetwork {
  /** An adapter of this computer's, or a network as VirtualBox 7 has on macOS. */
  readonly kind: 'adapter' | 'network';
  /** What VMs are attached to. */
  readonly name: string;
  /** What DHCP servers know it by. */
  readonly networkName: string;
  /** This computer's address there. */
  readonly cidr: Cidr;
  /** The same address as text. */
  readonly hostAddress: string;
}

/** What the choice of a network depends on. */
export interface NetworkFacts {
  readonly listing: NetworkListing;
  readonly interfaces: readonly InterfaceAddress[];
  /** Missing where any range is allowed. */
  readonly conf: NetworksConf | undefined;
  /** The networks of this store's other machines: this computer's address there. */
  readonly usedCidrs: readonly Cidr[];
  /** Whether nobody keeps other settings of VirtualBox on this computer, as far as we know. */
  readonly isOnlySettings: boolean;
}

/** A network that is there and has an address of this computer's. */
export interface FoundNetwork {
  readonly network: HostOnlyNetwork;
  /** Whether it is up. */
  readonly isReady: boolean;
  /** Whether these settings of VirtualBox know it as theirs: their DHCP server, or one that macOS has, serves it. */
  readonly isServed: boolean;
}

/** A network as VMs and DHCP servers know it. */
export function describeNetwork(
  kind: HostOnlyNetwork['kind'],
  { name, networkName }: Pick<HostOnlyAdapter, 'name' | 'networkName'>,
  cidr: Cidr,
): HostOnlyNetwork {
  return { kind, name, networkName, cidr, hostAddress: formatIpv4(cidr.address) };
}

/** Whether this VirtualBox has networks of macOS instead of adapters. */
export function kindOf(listing: NetworkListing): HostOnlyNetwork['kind'] {
  return listing.nets === undefined ? 'adapter' : 'network';
}

/** The networks of a listing that have an address of this computer's. */
export function findNetworks(listing: NetworkListing): readonly FoundNetwork[] {
  if (listing.nets === undefined) return listing.adapters.flatMap((adapter) => foundAdapter(adapter, listing) ?? []);
  return listing.nets.flatMap((net) => {
    const { lower, prefix, isEnabled } = net;
    if (prefix === undefined || lower === 0) return [];
    // macOS takes the first address that is handed out for this computer.
    const address = Math.max(lower, networkOf({ address: lower, prefix }).address + 1);
    return { network: describeNetwork('network', net, { address, prefix }), isReady: isEnabled, isServed: true };
  });
}

function foundAdapter(adapter: HostOnlyAdapter, listing: NetworkListing): FoundNetwork | undefined {
  // A mask that VirtualBox misreports is taken for the usual one.
  const { address, prefix = 24, networkName, isUp } = adapter;
  if (address === undefined) return undefined;
  const cidr = { address, prefix };
  const server = listing.servers.find((each) => each.networkName === networkName);
  return {
    network: describeNetwork('adapter', adapter, cidr),
    isReady: isUp,
    isServed: servesNetwork(server, cidr),
  };
}

/**
 * What on this computer has addresses of the network, in words; nothing where all is free. The adapter `except` is left out,
 * and so are interfaces that are host-only adapters.
 */
export function findCollision(cidr: Cidr, facts: NetworkFacts, except?: string): string | undefined {
  const { listing, interfaces } = facts;
  const isAdapter = ({ name, macAddress, address }: InterfaceAddress): boolean =>
    listing.adapters.some(
      (adapter) =>
        adapter.name === name ||
        (adapter.macAddress !== '' && adapter.macAddress.toLowerCase() === macAddress.toLowerCase()) ||
        (adapter.address !== undefined && adapter.address === parseIpv4(address)),
    );
  const isNetOfMacOs = ({ address }: InterfaceAddress): boolean =>
    kindOf(listing) === 'network' && findNetworks(listing).some(({ network }) => network.hostAddress === address);
  const foreign = interfaces
    .filter((each) => !isAdapter(each) && !isNetOfMacOs(each))
    .flatMap(({ name, address, netmask }) => {
      const other = { address: parseIpv4(address) ?? 0, prefix: parseNetmask(netmask) ?? 32 };
      return doOverlap(cidr, other) ? `interface ${name} has ${formatCidr(other)}` : [];
    });
  const others = findNetworks(listing)
    .filter(({ network }) => network.name !== except && doOverlap(cidr, network.cidr))
    .map(({ network }) => `host-only ${network.kind} ${network.name} has ${formatCidr(network.cidr)}`);
  return [...foreign, ...others][0];
}
