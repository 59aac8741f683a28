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

/** What VirtualBox lists of networks, all in one call. */
const networkParts = ['dhcpservers', 'runningvms'] as const;

/**
 * Lists host-only networks and whatever else is named in `more`, by VirtualBox's words: one call. macOS is asked for its own
 * networks first, which versions before 7 do not know: two calls there.
 */
export async function listNetworks(
  machine: VirtualBoxMachine,
  more: readonly string[] = [],
): Promise<ReadonlyMap<string, string>> {
  const vboxManage = await machine.vboxManage();
  const list = async (what: string, accepts?: RegExp): Promise<Answer> => {
    const parts = [what, ...more, ...networkParts];
    const sections = parseSections(await vboxManage.run({ args: ['list', '--multiple', ...parts], accepts }));
    return { sections, missing: parts.filter((part) => !sections.has(part)) };
  };
  if (machine.host.platform === 'darwin') {
    const { sections, missing } = await list('hostonlynets', /hostonlynets/);
    if (missing.length === 0) return sections;
  }
  const { sections, missing } = await list('hostonlyifs');
  if (missing.length === 0) return sections;
  throw new TmachineError(`Cannot read VirtualBox's answer: it does not list ${missing.join(', ')}`, {
    code: 'VBOXMANAGE_BROKEN',
    hint: `see what "VBoxManage list --multiple ${missing.join(' ')}" prints`,
  });
}

interface Answer {
  readonly sections: ReadonlyMap<string, string>;
  /** What was asked for and is not there. */
  readonly missing: readonly string[];
}
