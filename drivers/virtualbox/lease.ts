import type { GuestCard } from 'tmachine/driver';
import { formatCidr, formatIpv4, parseCidr, parseIpv4 } from './cidr.ts';
import { type GivenAddress, parseGivenAddresses, planBookPath } from './given-addresses.ts';
import type { HostOnlyNetwork } from './host-only-network.ts';
import type { VirtualBoxMachine } from './machine.ts';
import type { NetworkListing } from './network-listing.ts';
import { normalMac } from './parse-host-only.ts';
import {
  isLeased,
  isServed,
  type LeaseFacts,
  type Pool,
  planAddress,
  planDhcpCall,
  planNetPool,
  planRelease,
} from './plan-lease.ts';

/** A network that is there, and what was listed around it. */
export interface PreparedNetwork {
  readonly network: HostOnlyNetwork;
  readonly listing: NetworkListing;
}

/**
 * Gives the machine its address on the network, for life: stored first, then kept by a fixed lease where VirtualBox has those
 * and a DHCP server is wanted. Needs no VM; to be called under the lock `virtualbox-network`.
 *
 * @throws TmachineError as `planAddress` and `VBoxManage.run`.
 */
export async function claimLease(machine: VirtualBoxMachine, prepared: PreparedNetwork): Promise<string> {
  const { network } = prepared;
  const macAddress = machine.data().HostOnlyMAC || newMacAddress();
  const facts = await readLeaseFacts(machine, prepared, macAddress);
  const isLeasable = await canLease(machine, prepared);
  const { IPAddress, RequestedIP } = machine.data();
  const recorded = parseIpv4(IPAddress);
  const requested = recorded === undefined ? parseIpv4(RequestedIP) : undefined;
  // A guest that keeps its address itself is not to be told another.
  const isSettled = !isLeasable && recorded !== undefined;
  const address = isSettled ? recorded : planAddress({ requested, recorded, isStatic: !isLeasable }, facts);
  await machine.update({
    HostOnlyKind: network.kind,
    HostOnlyName: network.name,
    HostOnlyCIDR: formatCidr(network.cidr),
    HostOnlyMAC: macAddress,
    IPAddress: formatIpv4(address),
    FixedLease: isLeasable,
  });
  if (isLeasable) {
    if (!isLeased(address, facts)) await callDhcpServer(machine, planDhcpCall(address, facts), prepared);
  } else if (needsServer(machine, network) && !isServed(facts))
    await callDhcpServer(machine, planDhcpCall(undefined, facts), prepared);
  return formatIpv4(address);
}

/**
 * Whether the machine can have this address there.
 *
 * @throws TmachineError as `planAddress`.
 */
export async function checkRequestedAddress(
  machine: VirtualBoxMachine,
  prepared: PreparedNetwork,
  requested: number,
): Promise<void> {
  planAddress({ requested, isStatic: false }, await readLeaseFacts(machine, prepared, machine.data().HostOnlyMAC));
}

/** Whether all that `claimLease` does has been done. */
export async function hasLease(machine: VirtualBoxMachine, prepared: PreparedNetwork): Promise<boolean> {
  const { IPAddress, HostOnlyMAC } = machine.data();
  const address = parseIpv4(IPAddress);
  if (address === undefined || HostOnlyMAC === '') return false;
  const facts = await readLeaseFacts(machine, prepared, HostOnlyMAC);
  if (await canLease(machine, prepared)) return isLeased(address, facts);
  return !needsServer(machine, prepared.network) || isServed(facts);
}

/** Gives the machine's address back; nothing happens where VirtualBox keeps none for it. Takes the lock of networks itself. */
export async function releaseLease(machine: VirtualBoxMachine): Promise<void> {
  const { FixedLease, HostOnlyMAC, HostOnlyName } = machine.data();
  if (!FixedLease || HostOnlyMAC === '') return;
  const args = planRelease(`HostInterfaceNetworking-${HostOnlyName}`, HostOnlyMAC);
  await machine.host.withLock('virtualbox-network', async () => {
    const vboxManage = await machine.vboxManage();
    await vboxManage.run({ args, accepts: /^VBOX_DHCP_GONE/ });
  });
  await machine.update({ FixedLease: false });
}

/** The cards that the guest must give their address itself, because no DHCP server keeps it. */
export function guestCards(machine: VirtualBoxMachine): readonly GuestCard[] {
  const { FixedLease, HostOnlyMAC, HostOnlyCIDR, IPAddress } = machine.data();
  const cidr = parseCidr(HostOnlyCIDR);
  if (FixedLease || HostOnlyMAC === '' || IPAddress === '' || cidr === undefined) return [];
  return [{ macAddress: HostOnlyMAC, address: IPAddress, prefix: cidr.prefix }];
}

async function readLeaseFacts(
  machine: VirtualBoxMachine,
  { network, listing }: PreparedNetwork,
  macAddress: string,
): Promise<LeaseFacts> {
  const others = await machine.host.otherMachines();
  return {
    networkName: network.networkName,
    cidr: network.cidr,
    server: listing.servers.find(({ networkName }) => networkName === network.networkName),
    macAddress: normalMac(macAddress) ?? '',
    others: others.flatMap(({ IPAddress }) => parseIpv4(String(IPAddress ?? '')) ?? []),
    pool: network.kind === 'network' ? findPool(network, listing) : undefined,
    given: await readGiven(machine, network),
  };
}

function findPool({ name, cidr }: HostOnlyNetwork, { nets }: NetworkListing): Pool {
  return nets?.find((net) => net.name === name) ?? planNetPool(cidr);
}

async function readGiven({ host }: VirtualBoxMachine, network: HostOnlyNetwork): Promise<readonly GivenAddress[]> {
  const path = planBookPath(network.networkName, host.platform, host.env);
  return parseGivenAddresses((path && (await host.files.readText(path))) || '');
}

/** From 6.1 on; any DHCP server that is listed shows it, so that the version is asked for only where there is none. */
async function canLease(machine: VirtualBoxMachine, { network, listing }: PreparedNetwork): Promise<boolean> {
  if (network.kind === 'network' || machine.data().HostOnlyNoDHCP) return false;
  const [server] = listing.servers;
  if (server !== undefined) return server.knowsLeases;
  const { major, minor } = await (await machine.vboxManage()).version();
  return major > 6 || (major === 6 && minor >= 1);
}

function needsServer(machine: VirtualBoxMachine, network: HostOnlyNetwork): boolean {
  return network.kind === 'adapter' && !machine.data().HostOnlyNoDHCP;
}

async function callDhcpServer(
  machine: VirtualBoxMachine,
  args: readonly string[],
  { network, listing }: PreparedNetwork,
): Promise<void> {
  const vboxManage = await machine.vboxManage();
  await vboxManage.run({ args });
  // A server that runs keeps what it read when it started; before 6.1 it cannot be told to read again.
  const server = listing.servers.find(({ networkName }) => networkName === network.networkName);
  if (!listing.hasRunningVms || server?.knowsLeases !== true) return;
  await vboxManage.run({
    args: ['dhcpserver', 'restart', '--network', network.networkName],
    accepts: /^VBOX_DHCP_NOT_RUNNING|component DHCPServerWrap/,
  });
}

/** One of VirtualBox's own range. */
function newMacAddress(): string {
  const random = crypto.getRandomValues(new Uint8Array(3));
  return `080027${[...random].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.toUpperCase();
}
