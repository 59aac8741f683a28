import { TmachineError } from 'tmachine/driver';
import { applyNetworkPlan } from './apply-network.ts';
import { parseCidr } from './cidr.ts';
import { describeNetwork, type HostOnlyNetwork, type NetworkFacts } from './host-only-network.ts';
import { checkRequestedAddress, claimLease, hasLease, type PreparedNetwork } from './lease.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { readNetworkFacts } from './network-facts.ts';
import { listNetworks } from './network-listing.ts';
import { isRangeEnforced } from './networks-conf.ts';
import type { VmInfo } from './parse-vm-info.ts';
import { type NetworkPlan, type NetworkWish, planNetwork } from './plan-network.ts';
import { planWish } from './plan-wish.ts';

export type { HostOnlyNetwork } from './host-only-network.ts';
export { claimLease, guestCards, type PreparedNetwork, releaseLease } from './lease.ts';

/** What a check found out. */
export interface NetworkCheck {
  /** Of one `list --multiple`: `vms`, `hostinfo`, and all about networks. */
  readonly sections: ReadonlyMap<string, string>;
  readonly facts: NetworkFacts;
  readonly plan: NetworkPlan;
}

/** The network of a machine that is about to start. */
export interface MendedNetwork {
  readonly network: HostOnlyNetwork;
  readonly address: string;
  /** Whether the machine's second card is attached to it. */
  readonly isAttached: boolean;
}

/**
 * Whether the machine can have its network and its address, before anything exists: one call, on macOS before version 7 two.
 *
 * @throws TmachineError as `planWish`, `planNetwork` and `planAddress`.
 */
export async function checkNetwork(machine: VirtualBoxMachine): Promise<NetworkCheck> {
  const wish = planWish(machine.data());
  const sections = await listNetworks(machine, ['vms', 'hostinfo']);
  const { facts, plan } = await planWithVersion(machine, wish, sections);
  const unnamed = { name: '', networkName: '' };
  const network = plan.action === 'create' ? describeNetwork(plan.kind, unnamed, plan.cidr) : plan.network;
  if (wish.address !== undefined)
    await checkRequestedAddress(machine, { network, listing: facts.listing }, wish.address);
  return { sections, facts, plan };
}

/**
 * Sees to it that there is a network for the machine; to be called under the lock `virtualbox-network`. What `check` found
 * spares a call where the network was there already.
 */
export async function prepareNetwork(machine: VirtualBoxMachine, check?: NetworkCheck): Promise<PreparedNetwork> {
  if (check?.plan.action === 'use') return { network: check.plan.network, listing: check.facts.listing };
  // Whoever held the lock before us may have made the very network that we would make.
  const { facts, plan } = await planWithVersion(machine, planWish(machine.data()), await listNetworks(machine));
  return { network: await applyNetworkPlan(machine, plan, facts), listing: facts.listing };
}

/**
 * Sees to it that a machine which is off finds its network, its DHCP server and its address again: one call when all is well.
 * Takes the lock of networks itself, and only when something has to be mended. The caller attaches the card.
 */
export async function mendNetwork(machine: VirtualBoxMachine, vm: VmInfo): Promise<MendedNetwork> {
  const card = vm.nics.find(({ number }) => number === 2);
  const look = async (): Promise<{ readonly plan: NetworkPlan; readonly facts: NetworkFacts }> => {
    const wish = { cidr: parseCidr(machine.data().HostOnlyCIDR), name: card?.attachedTo ?? '' };
    return await planWithVersion(machine, wish, await listNetworks(machine));
  };
  const isAttachedTo = ({ kind, name }: HostOnlyNetwork): boolean =>
    card?.attachedTo === name && (card.kind === 'hostonly') === (kind === 'adapter');
  const { plan, facts } = await look();
  if (plan.action === 'use' && (await hasLease(machine, { network: plan.network, listing: facts.listing })))
    return { network: plan.network, address: machine.data().IPAddress, isAttached: isAttachedTo(plan.network) };
  return await machine.host.withLock('virtualbox-network', async () => {
    const again = await look();
    const network = await applyNetworkPlan(machine, again.plan, again.facts);
    const address = await claimLease(machine, { network, listing: again.facts.listing });
    return { network, address, isAttached: isAttachedTo(network) };
  });
}

/** The words that attach a VM's second card to the network. */
export function nicArgs({ kind, name }: HostOnlyNetwork): readonly string[] {
  return kind === 'adapter'
    ? ['--nic2', 'hostonly', '--hostonlyadapter2', name]
    : ['--nic2', 'hostonlynet', '--host-only-net2', name];
}

/** Where a range is refused, the version is asked for: ranges came with 6.1.28. */
async function planWithVersion(
  machine: VirtualBoxMachine,
  wish: NetworkWish,
  sections: ReadonlyMap<string, string>,
): Promise<{ readonly plan: NetworkPlan; readonly facts: NetworkFacts }> {
  const facts = await readNetworkFacts(machine, sections);
  try {
    return { facts, plan: planNetwork(wish, facts) };
  } catch (error) {
    if (!(error instanceof TmachineError && error.code === 'NETWORK_NOT_ALLOWED')) throw error;
    const version = await (await machine.vboxManage()).version();
    if (isRangeEnforced(machine.host.platform, version)) throw error;
    const free = { ...facts, conf: undefined };
    return { facts: free, plan: planNetwork(wish, free) };
  }
}
