import { TmachineError } from 'tmachine/driver';
import { type Cidr, formatCidr, formatIpv4, formatNetmask, networkOf } from './cidr.ts';
import { describeNetwork, type HostOnlyNetwork, type NetworkFacts } from './host-only-network.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { formatRangeHint } from './networks-conf.ts';
import { planNetPool } from './plan-lease.ts';
import type { NetworkPlan } from './plan-network.ts';

/** Windows asks the user first, and takes its time. */
const adapterMs = 180_000;

/** Windows shows a new adapter only after a while. */
const visibleMs = 20_000;

/**
 * Does what the plan says; resolves with the network, which is then there, with its address.
 *
 * @throws TmachineError `NETWORK_NOT_ALLOWED` with the line that is missing, and as `VBoxManage.run`.
 */
export async function applyNetworkPlan(
  machine: VirtualBoxMachine,
  plan: NetworkPlan,
  facts: NetworkFacts,
): Promise<HostOnlyNetwork> {
  if (plan.action === 'use') return plan.network;
  if (plan.action === 'create')
    return plan.kind === 'network' ? await addNet(machine, plan.cidr) : await createAdapter(machine, plan.cidr, facts);
  const { kind, name, cidr } = plan.network;
  const vboxManage = await machine.vboxManage();
  if (kind === 'network') await vboxManage.run({ args: ['hostonlynet', 'modify', '--name', name, '--enable'] });
  // One that has the address already is brought up by VirtualBox itself when a VM starts.
  else if (!(await setAddress(machine, name, cidr)) && !hasAddress(name, cidr, facts)) throw notAllowed(cidr, facts);
  return plan.network;
}

function hasAddress(name: string, cidr: Cidr, { listing }: NetworkFacts): boolean {
  return listing.adapters.some((adapter) => adapter.name === name && adapter.address === cidr.address);
}

async function createAdapter(machine: VirtualBoxMachine, cidr: Cidr, facts: NetworkFacts): Promise<HostOnlyNetwork> {
  const vboxManage = await machine.vboxManage();
  const answer = await vboxManage.run({ args: ['hostonlyif', 'create'], timeoutMs: adapterMs });
  // The sentence around the name may be in any language.
  const name = /['"\u00ab\u2018\u201c\u300c](.+)['"\u00bb\u2019\u201d\u300d]/.exec(answer)?.[1];
  if (name === undefined)
    throw new TmachineError('Cannot make a host-only adapter: VirtualBox does not name the one it made', {
      code: 'VBOXMANAGE_BROKEN',
      hint: 'see `VBoxManage list hostonlyifs`',
    });
  try {
    if (!(await setAddress(machine, name, cidr))) throw notAllowed(cidr, facts);
  } catch (error) {
    await vboxManage.run({ args: ['hostonlyif', 'remove', name], timeoutMs: adapterMs, accepts: /./ });
    throw error;
  }
  return describeNetwork('adapter', { name, networkName: `HostInterfaceNetworking-${name}` }, cidr);
}

/** Whether VirtualBox allowed it. */
async function setAddress({ host, vboxManage }: VirtualBoxMachine, name: string, cidr: Cidr): Promise<boolean> {
  const address = ['--ip', formatIpv4(cidr.address), '--netmask', formatNetmask(cidr.prefix)];
  const set = async (): Promise<'set' | 'refused' | undefined> => {
    try {
      await (await vboxManage()).run({ args: ['hostonlyif', 'ipconfig', name, ...address] });
      return 'set';
    } catch (error) {
      const code = error instanceof TmachineError ? error.code : '';
      if (code === 'VBOX_RANGE_NOT_ALLOWED') return 'refused';
      if (code === 'VBOX_ADAPTER_GONE') return undefined;
      throw error;
    }
  };
  return (await host.waitUntil(`host-only adapter "${name}"`, visibleMs, set)) === 'set';
}

async function addNet(machine: VirtualBoxMachine, cidr: Cidr): Promise<HostOnlyNetwork> {
  const name = `tmachine-${formatIpv4(networkOf(cidr).address)}`;
  const { lower, upper } = planNetPool(cidr);
  const range = ['--lower-ip', formatIpv4(lower), '--upper-ip', formatIpv4(upper)];
  const vboxManage = await machine.vboxManage();
  await vboxManage.run({
    args: ['hostonlynet', 'add', '--name', name, '--netmask', formatNetmask(cidr.prefix), ...range, '--enable'],
  });
  return describeNetwork('network', { name, networkName: `hostonly-${name}` }, cidr);
}

function notAllowed(cidr: Cidr, { conf }: NetworkFacts): TmachineError {
  return new TmachineError(
    `Cannot use ${formatCidr(cidr)} for the host-only network: VirtualBox does not allow it here`,
    {
      code: 'NETWORK_NOT_ALLOWED',
      hint: formatRangeHint(cidr, conf ?? { ranges: [], ignoredLines: [] }),
    },
  );
}
