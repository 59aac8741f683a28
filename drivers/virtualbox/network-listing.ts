import { TmachineError } from 'tmachine/driver';
import type { VirtualBoxMachine } from './machine.ts';
import {
  type DhcpServer,
  type HostOnlyAdapter,
  type HostOnlyNet,
  parseDhcpServers,
  parseHostOnlyAdapters,
  parseHostOnlyNets,
  parseSections,
} from './parse-host-only.ts';

/** All that VirtualBox says of host-only networks at one moment. */
export interface NetworkListing {
  readonly adapters: readonly HostOnlyAdapter[];
  /** Missing where this VirtualBox has adapters, which is everywhere but with version 7 on macOS. */
  readonly nets: readonly HostOnlyNet[] | undefined;
  readonly servers: readonly DhcpServer[];
  /** Whether any VM runs, so that DHCP servers may run, too. */
  readonly hasRunningVms: boolean;
}

/** Turns the sections of `list --multiple` into values. */
export function parseNetworkListing(sections: ReadonlyMap<string, string>): NetworkListing {
  const nets = sections.get('hostonlynets');
  return {
    adapters: parseHostOnlyAdapters(sections.get('hostonlyifs') ?? ''),
    nets: nets === undefined ? undefined : parseHostOnlyNets(nets),
    servers: parseDhcpServers(sections.get('dhcpservers') ?? ''),
    hasRunningVms: /^"/m.test(sections.get('runningvms') ?? ''),
  };
}

/** What a listing of networks consists of; VirtualBox lists it all in one call. */
const networkParts = ['hostonlyifs', 'dhcpservers', 'runningvms'] as const;

/**
 * Lists host-only networks and whatever else is named in `more`, by VirtualBox's words: one call. macOS is asked for its own
 * networks first, which versions before 7 do not know: two calls there.
 */
export async function listNetworks(
  machine: VirtualBoxMachine,
  more: readonly string[] = [],
): Promise<ReadonlyMap<string, string>> {
  const vboxManage = await machine.vboxManage();
  const list = async (parts: readonly string[], accepts?: RegExp): Promise<string> =>
    await vboxManage.run({ args: ['list', '--multiple', ...parts], accepts });
  const parts = [...more, ...networkParts];
  if (machine.host.platform !== 'darwin') return checked(parseSections(await list(parts)), parts);
  const unknown = /hostonlynets/;
  const answer = await list(['hostonlynets', ...parts], unknown);
  const sections = parseSections(answer);
  return sections.has('hostonlynets') && sections.has('dhcpservers')
    ? sections
    : checked(parseSections(await list(parts)), parts);
}

function checked(sections: ReadonlyMap<string, string>, parts: readonly string[]): ReadonlyMap<string, string> {
  const missing = parts.filter((part) => !sections.has(part));
  if (missing.length === 0) return sections;
  throw new TmachineError(`Cannot read VirtualBox's answer: it does not list ${missing.join(', ')}`, {
    code: 'VBOXMANAGE_BROKEN',
    hint: `see what "VBoxManage list --multiple ${parts.join(' ')}" prints`,
  });
}
