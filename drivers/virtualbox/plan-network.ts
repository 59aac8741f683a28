import { TmachineError } from 'tmachine/driver';
import { type Cidr, formatCidr, formatIpv4, isHostAddress, isInside, networkOf, parseCidr } from './cidr.ts';
import {
  describeNetwork,
  type FoundNetwork,
  findCollision,
  findNetworks,
  type HostOnlyNetwork,
  kindOf,
  type NetworkFacts,
} from './host-only-network.ts';
import { formatRangeHint, isAllowed, type NetworksConf } from './networks-conf.ts';

/** What a machine wants of its network. */
export interface NetworkWish {
  /** Missing: any that fits. */
  readonly cidr?: Cidr | undefined;
  /** An address that has to be in the network. */
  readonly address?: number | undefined;
  /** The adapter or network that the machine is attached to already. */
  readonly name?: string | undefined;
}

/** What is to be done so that there is a network. */
export type NetworkPlan =
  | { readonly action: 'use'; readonly network: HostOnlyNetwork }
  /** It is there, but without its address, or off. */
  | { readonly action: 'configure'; readonly network: HostOnlyNetwork }
  | { readonly action: 'create'; readonly kind: HostOnlyNetwork['kind']; readonly cidr: Cidr };

/** docker-machine's, and so every user's, as long as VirtualBox allows it. */
export const usualCidr: Cidr = { address: 0xc0a8_6301, prefix: 24 };

/**
 * Chooses a host-only network: one that is there and fits, else a new one where VirtualBox allows it and nothing on this
 * computer has its addresses.
 *
 * @throws TmachineError `NETWORK_NOT_ALLOWED`, `NETWORK_COLLISION`, `NETWORK_AMBIGUOUS` or `NETWORK_NOT_FREE`.
 */
export function planNetwork(wish: NetworkWish, facts: NetworkFacts): NetworkPlan {
  const { cidr, name } = wish;
  if (cidr === undefined) return chooseNetwork(wish, facts);
  const there = findNetworks(facts.listing).filter(({ network }) => isWanted(network, cidr));
  const attached = there.find(({ network }) => network.name === name);
  const one = attached ?? there[0];
  if (one === undefined) return planNew(cidr, name, facts);
  if (there.length > 1 && attached === undefined) throw ambiguous(there);
  // A machine that exists is better started than refused: this computer's route to it may still win.
  if (name === undefined) refuseCollision(one.network.cidr, facts, one.network.name);
  return planFound(one);
}

/** Machines and users know an adapter by its address; of a network of macOS the range is all they see. */
function isWanted({ kind, cidr }: HostOnlyNetwork, wanted: Cidr): boolean {
  if (cidr.prefix !== wanted.prefix) return false;
  return kind === 'network' ? isInside(cidr, wanted.address) : cidr.address === wanted.address;
}

function isSame(one: Cidr, other: Cidr): boolean {
  return one.address === other.address && one.prefix === other.prefix;
}

function planFound({ network, isReady }: FoundNetwork): NetworkPlan {
  return { action: isReady ? 'use' : 'configure', network };
}

function planNew(cidr: Cidr, name: string | undefined, facts: NetworkFacts): NetworkPlan {
  const { listing, conf } = facts;
  // Of loopback addresses `networks.conf` says nothing: VirtualBox itself shall judge them.
  const isConfined = kindOf(listing) === 'adapter' && !isInside(loopback, cidr.address);
  if (isConfined && conf !== undefined && !isAllowed(cidr, conf.ranges)) throw notAllowed(cidr, conf);
  refuseCollision(cidr, facts);
  const lost = listing.adapters.find((adapter) => adapter.name === name && adapter.address === undefined);
  if (lost !== undefined && kindOf(listing) === 'adapter')
    return { action: 'configure', network: describeNetwork('adapter', lost, cidr) };
  return { action: 'create', kind: kindOf(listing), cidr };
}

function chooseNetwork({ address }: NetworkWish, facts: NetworkFacts): NetworkPlan {
  const { listing, usedCidrs, isOnlySettings } = facts;
  const fits = findNetworks(listing).filter(
    ({ network }) =>
      network.cidr.prefix <= 29 &&
      (address === undefined || isHostAddress(network.cidr, address)) &&
      findCollision(network.cidr, facts, network.name) === undefined,
  );
  const isUsed = ({ network }: FoundNetwork): boolean => usedCidrs.some((cidr) => isWanted(network, cidr));
  const usual = fits.find((each) => isWanted(each.network, usualCidr));
  // An adapter that these settings do not serve may be another user's, whose DHCP server would answer our machines.
  if (usual !== undefined && (usual.isServed || isUsed(usual) || isOnlySettings)) return planFound(usual);
  const used = fits.find(isUsed);
  if (used !== undefined) return planFound(used);
  const [cidr] = freeRanges(address, facts);
  const isExpected = cidr !== undefined && [usualCidr, ...usedCidrs].some((each) => isSame(each, cidr));
  const served = kindOf(listing) === 'adapter' ? fits.find(({ isServed }) => isServed) : undefined;
  if (served !== undefined && !isExpected) return planFound(served);
  if (cidr !== undefined) return { action: 'create', kind: kindOf(listing), cidr };
  const any = fits[0];
  if (any !== undefined) return planFound(any);
  throw noneFree(facts);
}

/** Beside the usual one, those of VirtualBox's own range that its users and other programs take last. */
const ourRanges: readonly Cidr[] = [usualCidr, ...[59, 60, 61, 62, 63, 58, 57, 56].map(thirdOctet)];

function thirdOctet(octet: number): Cidr {
  return { address: 0xc0a8_0001 + octet * 256, prefix: 24 };
}

const loopback: Cidr = { address: 0x7f00_0000, prefix: 8 };

/** Ranges for private use, of which `networks.conf` may allow a part or more. */
const privateRanges: readonly Cidr[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].flatMap(
  (text) => parseCidr(text) ?? [],
);

/** Addresses that this computer could have on a new network, best first. */
function freeRanges(address: number | undefined, facts: NetworkFacts): readonly Cidr[] {
  const around = address === undefined ? [] : [firstOf({ address, prefix: 24 })];
  const allowed = kindOf(facts.listing) === 'network' ? undefined : facts.conf?.ranges;
  return [...facts.usedCidrs, ...ourRanges, ...around, ...(allowed ?? []).flatMap(rangesIn)].filter(
    (cidr) =>
      isAllowed(cidr, allowed) &&
      (address === undefined || (isHostAddress(cidr, address) && cidr.address !== address)) &&
      findCollision(cidr, facts) === undefined,
  );
}

/** The first networks of 256 addresses in a range, or the range itself where it is smaller. */
function rangesIn(range: Cidr): readonly Cidr[] {
  if (range.prefix >= 24) return range.prefix <= 29 ? [firstOf(range)] : [];
  const base = privateRanges.find((each) => isInside(range, each.address) && range.prefix < each.prefix) ?? range;
  const count = Math.min(64, 2 ** (24 - base.prefix));
  const ranges = Array.from({ length: count }, (_, index) => networkOf(base).address + index * 256);
  return ranges.map((address) => firstOf({ address, prefix: 24 }));
}

function firstOf(range: Cidr): Cidr {
  return { address: networkOf(range).address + 1, prefix: range.prefix };
}

function refuseCollision(cidr: Cidr, facts: NetworkFacts, except?: string): void {
  const collision = findCollision(cidr, facts, except);
  if (collision === undefined) return;
  throw refusal('NETWORK_COLLISION', `Cannot use ${formatCidr(cidr)} for the host-only network: ${collision}`, {
    hint: 'take another range with --virtualbox-hostonly-cidr, or leave it out and one is chosen',
  });
}

function notAllowed(cidr: Cidr, conf: NetworksConf): TmachineError {
  const ranges = conf.ranges.map((range) => formatCidr(networkOf(range))).join(', ') || 'none';
  const message = `Cannot use ${formatCidr(cidr)} for the host-only network: VirtualBox allows ${ranges} here`;
  return refusal('NETWORK_NOT_ALLOWED', message, { hint: formatRangeHint(cidr, conf) });
}

function ambiguous(there: readonly FoundNetwork[]): TmachineError {
  const names = there.map(({ network }) => network.name);
  const address = formatIpv4(there[0]?.network.cidr.address ?? 0);
  return refusal(
    'NETWORK_AMBIGUOUS',
    `Cannot choose a host-only adapter: ${names.join(' and ')} have the same address ${address}`,
    {
      hint: `remove all but one: VBoxManage hostonlyif remove ${names.at(-1)}`,
    },
  );
}

function noneFree({ conf }: NetworkFacts): TmachineError {
  const allowed =
    conf === undefined ? '' : ` of ${conf.ranges.map((range) => formatCidr(networkOf(range))).join(', ')}`;
  const hint =
    conf === undefined
      ? 'name one with --virtualbox-hostonly-cidr'
      : `${formatRangeHint(usualCidr, conf)}; or remove adapters that are no longer needed`;
  return refusal('NETWORK_NOT_FREE', `Cannot find a free range${allowed} for the host-only network`, { hint });
}

function refusal(code: string, message: string, { hint }: { readonly hint: string }): TmachineError {
  return new TmachineError(message, { code, hint });
}
