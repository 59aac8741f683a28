import { TmachineError } from 'tmachine/driver';
import {
  type Cidr,
  formatCidr,
  formatIpv4,
  formatNetmask,
  isHostAddress,
  isInside,
  lastOf,
  networkOf,
} from './cidr.ts';
import { type DhcpServer, type FixedLease, servesNetwork } from './parse-host-only.ts';

/** Where and among whom a machine gets its address. */
export interface LeaseFacts {
  readonly networkName: string;
  /** This computer's address on the network. */
  readonly cidr: Cidr;
  /** The network's DHCP server, if there is one, of whatever settings. */
  readonly server: DhcpServer | undefined;
  /** The machine's own card: twelve hexadecimal digits in upper case. */
  readonly macAddress: string;
  /** Addresses of this store's other machines. */
  readonly others: readonly number[];
  /** What others than VirtualBox's DHCP server give out there, if somebody does. */
  readonly pool?: Pool | undefined;
  /** What the DHCP server gave to cards without a fixed lease. */
  readonly given: readonly { readonly macAddress: string; readonly address: number }[];
}

/** What an address is chosen by. */
export interface AddressWish {
  /** Asked for by the user. */
  readonly requested?: number | undefined;
  /** The one the machine had. */
  readonly recorded?: number | undefined;
  /** Whether no lease is possible, so that the address should lie outside what the DHCP server gives out. */
  readonly isStatic: boolean;
}

/** The addresses that are given to whoever asks. */
export interface Pool {
  readonly lower: number;
  readonly upper: number;
}

/** Settings of a DHCP server. */
export interface DhcpSettings extends Pool {
  readonly address: number;
}

/**
 * Chooses the address of a machine: the one asked for, the one it had, or the lowest that nobody has, from what the DHCP
 * server gives out if there is a lease to keep it.
 *
 * @throws TmachineError `ADDRESS_INVALID` or `ADDRESS_TAKEN` for a requested one, `ADDRESS_NONE_FREE`.
 */
export function planAddress(wish: AddressWish, facts: LeaseFacts): number {
  const { requested, recorded, isStatic } = wish;
  if (requested !== undefined) return checkRequested(requested, facts);
  // A lease that somebody gave our card by hand is meant.
  const forced = ownLeases(facts).find(({ address }) => address !== recorded);
  for (const address of [forced?.address, recorded])
    if (address !== undefined && isHostAddress(facts.cidr, address) && whoHas(address, facts) === undefined)
      return address;
  const { lower, upper } = facts.pool ?? planDhcpSettings(facts);
  const inPool = range(lower, upper);
  const first = networkOf(facts.cidr).address + 1;
  const outside = [...range(upper + 1, lastOf(facts.cidr) - 1), ...range(first, lower - 1)];
  const candidates = isStatic ? [...outside, ...inPool.reverse()] : [...inPool, ...outside];
  const free = candidates.find((address) => isFree(address, facts));
  if (free !== undefined) return free;
  throw new TmachineError(`Cannot find a free address on the host-only network ${formatCidr(networkOf(facts.cidr))}`, {
    code: 'ADDRESS_NONE_FREE',
    hint: 'remove machines that are no longer needed, or take another network with --virtualbox-hostonly-cidr',
  });
}

function checkRequested(address: number, facts: LeaseFacts): number {
  const fail = (code: string, reason: string): TmachineError =>
    new TmachineError(`Cannot give the machine the address ${formatIpv4(address)}: ${reason}`, {
      code,
      hint: 'take another one with --virtualbox-ip, or leave it out and a free one is chosen',
    });
  if (!isHostAddress(facts.cidr, address))
    throw fail('ADDRESS_INVALID', `it is not one of the host-only network ${formatCidr(networkOf(facts.cidr))}`);
  const owner = whoHas(address, facts);
  if (owner !== undefined) throw fail('ADDRESS_TAKEN', owner);
  return address;
}

function isFree(address: number, facts: LeaseFacts): boolean {
  const isGiven = facts.given.some((each) => each.address === address && each.macAddress !== facts.macAddress);
  return !isGiven && isHostAddress(facts.cidr, address) && whoHas(address, facts) === undefined;
}

/** Who has an address for good, in words. */
function whoHas(address: number, facts: LeaseFacts): string | undefined {
  const { cidr, macAddress, others } = facts;
  if (address === cidr.address) return "it is this computer's own on that network";
  if (facts.pool === undefined && address === planDhcpSettings(facts).address) return "it is the DHCP server's";
  if (others.includes(address)) return 'another machine has it';
  const owner = usableServer(facts)?.leases.find(
    (lease) => lease.address === address && lease.macAddress !== macAddress,
  );
  // What is kept for a VM that is gone counts as free; the next call gives it up.
  return owner?.macAddress === undefined ? undefined : `VirtualBox keeps it for the card ${owner.macAddress}`;
}

function usableServer({ server, cidr }: LeaseFacts): DhcpServer | undefined {
  return servesNetwork(server, cidr) ? server : undefined;
}

/** The settings the server has, if they fit the network, else those that docker-machine would give it. */
export function planDhcpSettings({ cidr, server }: LeaseFacts): DhcpSettings {
  if (servesNetwork(server, cidr) && isInside(cidr, server.lower) && isInside(cidr, server.upper)) return server;
  const base = networkOf(cidr).address;
  const size = lastOf(cidr) - base + 1;
  const lower = base + (size >= 256 ? 100 : Math.max(3, Math.floor(size / 2)));
  const address = [base + 2, base + 3, base + 1].find((each) => each !== cidr.address && each < lower) ?? base + 2;
  return { address, lower, upper: lastOf(cidr) - 1 };
}

/** What a new network of macOS gives out: its lower part, so that machines find their usual addresses above. */
export function planNetPool(cidr: Cidr): Pool {
  const base = networkOf(cidr).address;
  const size = lastOf(cidr) - base + 1;
  const upper = size >= 256 ? base + 99 : base + Math.floor(size / 2);
  return { lower: cidr.address, upper: Math.max(upper, cidr.address + 1) };
}

/** The leases of the machine's own card. */
function ownLeases(facts: LeaseFacts): readonly FixedLease[] {
  return usableServer(facts)?.leases.filter(({ macAddress }) => macAddress === facts.macAddress) ?? [];
}

/** Whether the server is on, fits the network, and keeps exactly this address for the machine. */
export function isLeased(address: number, facts: LeaseFacts): boolean {
  const own = ownLeases(facts);
  return (
    isServed(facts) && own.length > 0 && own.every((lease) => lease.address === address) && !isContested(address, facts)
  );
}

/** A server that has two cards for one address does not start. */
function isContested(address: number, { server, macAddress }: LeaseFacts): boolean {
  return server?.leases.some((lease) => lease.address === address && lease.macAddress !== macAddress) ?? false;
}

/** Whether the network has a DHCP server that is on and fits. */
export function isServed({ server, cidr }: LeaseFacts): boolean {
  return (
    servesNetwork(server, cidr) && server.isEnabled && isInside(cidr, server.lower) && isInside(cidr, server.upper)
  );
}

/**
 * The call that makes the DHCP server fit the network and keep `address` for the machine's card; leases that would keep the
 * server from starting go. Without an address the server alone is set.
 */
export function planDhcpCall(address: number | undefined, facts: LeaseFacts): readonly string[] {
  const { networkName, cidr, server, macAddress } = facts;
  const settings = planDhcpSettings(facts);
  const setting = isServed(facts)
    ? []
    : [
        ...['--ip', formatIpv4(settings.address), '--netmask', formatNetmask(cidr.prefix)],
        ...['--lowerip', formatIpv4(settings.lower), '--upperip', formatIpv4(settings.upper), '--enable'],
      ];
  const stale = (server?.leases ?? []).filter((lease) => isStale(lease, address, facts));
  const lease = address === undefined ? [] : ['--mac-address', macAddress, '--fixed-address', formatIpv4(address)];
  return [
    ...['dhcpserver', server === undefined ? 'add' : 'modify', '--netname', networkName],
    ...setting,
    ...stale.flatMap(planRemoval),
    ...lease,
  ];
}

/** Outside the network, of a VM that is gone, or a second one for our card. */
function isStale(lease: FixedLease, address: number | undefined, { cidr, macAddress }: LeaseFacts): boolean {
  if (!isHostAddress(cidr, lease.address) || lease.macAddress === undefined) return true;
  return address !== undefined && lease.macAddress === macAddress && lease.vm !== undefined;
}

function planRemoval({ macAddress, vm }: FixedLease): readonly string[] {
  if (vm !== undefined) return ['--vm', vm.identity, '--nic', String(vm.nic), '--remove-config'];
  return ['--mac-address', macAddress ?? '', '--remove-config'];
}

/** The call that gives up the lease of a card. */
export function planRelease(networkName: string, macAddress: string): readonly string[] {
  return ['dhcpserver', 'modify', '--netname', networkName, '--mac-address', macAddress, '--remove-config'];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, Math.min(to - from + 1, 4096)) }, (_, index) => from + index);
}
