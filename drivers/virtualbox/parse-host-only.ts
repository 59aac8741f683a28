import { type Cidr, isInside, networkOf, parseIpv4, parseNetmask } from './cidr.ts';

/** A host-only adapter, as `list hostonlyifs` tells of it. */
export interface HostOnlyAdapter {
  readonly name: string;
  /** What DHCP servers and VMs know the adapter's network by. */
  readonly networkName: string;
  /** This computer's address there; missing while it has none or one that it gave itself (169.254.0.0/16). */
  readonly address: number | undefined;
  /** Missing where VirtualBox reports a mask that cannot be one, as some versions do on Windows. */
  readonly prefix: number | undefined;
  readonly macAddress: string;
  readonly isUp: boolean;
}

/** A host-only network of VirtualBox 7 on macOS, as `list hostonlynets` tells of it. */
export interface HostOnlyNet {
  readonly name: string;
  readonly networkName: string;
  readonly isEnabled: boolean;
  readonly prefix: number | undefined;
  /** First address that is handed out; macOS takes it for this computer. */
  readonly lower: number;
  readonly upper: number;
}

/** An address that a DHCP server keeps for one card. */
export interface FixedLease {
  /** Twelve hexadecimal digits in upper case; missing where the VM that has the card is gone. */
  readonly macAddress: string | undefined;
  /** Where the lease was made for the card of a VM: its identity and the card's number from 1. */
  readonly vm: { readonly identity: string; readonly nic: number } | undefined;
  readonly address: number;
}

/** A DHCP server, as `list dhcpservers` tells of it. */
export interface DhcpServer {
  readonly networkName: string;
  /** 0 where it was never set. */
  readonly address: number;
  readonly lower: number;
  readonly upper: number;
  readonly prefix: number | undefined;
  readonly isEnabled: boolean;
  readonly leases: readonly FixedLease[];
  /** Whether this version of VirtualBox knows fixed leases, as it does from 6.1 on. */
  readonly knowsLeases: boolean;
}

/**
 * Reads the answer of `list hostonlyifs`. From 7.0 on the words before the colons may be in any language, but not `GUID`, nor the order of
 * the lines.
 */
export function parseHostOnlyAdapters(text: string): readonly HostOnlyAdapter[] {
  return recordsOf(text, /^GUID:/).map(([first = '', , , third = '', fourth = '', ...rest]) => {
    const name = afterColon(first);
    const address = ipv4In(third) ?? 0;
    const isUsable = address !== 0 && !isInside(linkLocal, address);
    const lines = rest.filter((line) => line.trim() !== '');
    return {
      name,
      networkName: /HostInterfaceNetworking-.*\S/.exec(lines.at(-1) ?? '')?.[0] ?? `HostInterfaceNetworking-${name}`,
      address: isUsable ? address : undefined,
      prefix: maskIn(fourth),
      macAddress: /(?:[\da-f]{2}:){5}[\da-f]{2}/i.exec(rest.join('\n'))?.[0] ?? '',
      isUp: afterColon(lines.at(-2) ?? '') !== 'Down',
    };
  });
}

const linkLocal: Cidr = { address: 0xa9fe_0000, prefix: 16 };

/** Reads the answer of `list hostonlynets`, in any language. */
export function parseHostOnlyNets(text: string): readonly HostOnlyNet[] {
  return recordsOf(text, /^GUID:/).map(([first = '', , ...rest]) => {
    const name = afterColon(first);
    const [state = '', mask = '', lower = '', upper = ''] = rest.filter((line) => line.trim() !== '');
    return {
      name,
      networkName: `hostonly-${name}`,
      isEnabled: afterColon(state) !== 'Disabled',
      prefix: maskIn(mask),
      lower: ipv4In(lower) ?? 0,
      upper: ipv4In(upper) ?? 0,
    };
  });
}

/** Reads the answer of `list dhcpservers`, of any version since 5.2 and in any language. */
export function parseDhcpServers(text: string): readonly DhcpServer[] {
  return recordsOf(text, /^(Dhcpd )?IP:/).map(([first = '', second = '', ...rest]) => {
    const knowsLeases = second.startsWith('Dhcpd');
    // Before 6.1 the mask came first.
    const [lower = '', upper = '', mask = ''] = knowsLeases ? rest : [...rest.slice(1, 3), ...rest.slice(0, 1)];
    return {
      networkName: afterColon(first),
      address: ipv4In(second) ?? 0,
      lower: ipv4In(lower) ?? 0,
      upper: ipv4In(upper) ?? 0,
      prefix: maskIn(mask),
      isEnabled: afterColon(rest[3] ?? '') !== 'No',
      leases: leasesOf(rest),
      knowsLeases,
    };
  });
}

/** Whether the server's own address is in the network, and its mask that of the network. */
export function servesNetwork(server: DhcpServer | undefined, network: Cidr): server is DhcpServer {
  if (server === undefined || server.address === 0 || server.prefix !== network.prefix) return false;
  return networkOf({ address: server.address, prefix: network.prefix }).address === networkOf(network).address;
}

/** A line that names a card, by its MAC address or by its VM, and under it the address, if it is a fixed one. */
function leasesOf(lines: readonly string[]): readonly FixedLease[] {
  return lines.flatMap((line, index) => {
    const [, mac] = /^\S.*[\s,]MAC ((?:[\da-f]{2}:){5}[\da-f]{2}|[A-Z_]+)/i.exec(line) ?? [];
    const address = ipv4In(lines[index + 1] ?? '');
    if (mac === undefined || address === undefined) return [];
    const [, identity, slot] = /([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\D+(\d+)/i.exec(line) ?? [];
    const vm = identity === undefined ? undefined : { identity, nic: Number(slot) + 1 };
    return { macAddress: mac.includes(':') ? normalMac(mac) : undefined, vm, address };
  });
}

/** The digits of a MAC address alone, in upper case. */
export function normalMac(text: string | undefined): string | undefined {
  return text?.replaceAll(/[^\da-f]/gi, '').toUpperCase();
}

/**
 * Takes the answer of a `list --multiple` apart: for each thing listed, by its name there, its own text. VirtualBox begins
 * each with its name in brackets.
 */
export function parseSections(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    const [, heading] = /^\[([a-z]+)\]$/.exec(line) ?? [];
    if (heading === undefined) sections.set(name, `${sections.get(name) ?? ''}${line}\n`);
    else {
      name = heading;
      sections.set(name, '');
    }
  }
  return sections;
}

/** Lines cut into records: each begins one line before the one that matches. */
function recordsOf(text: string, second: RegExp): readonly (readonly string[])[] {
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, index) => (index > 0 && second.test(line) ? index - 1 : []));
  return starts.map((start, index) => lines.slice(start, starts[index + 1]));
}

/** What stands behind the colon, which Chinese writes wider. */
function afterColon(line: string): string {
  return /^[^:\uff1a]*[:\uff1a]\s*(.*?)\s*$/.exec(line)?.[1] ?? '';
}

function ipv4In(line: string): number | undefined {
  return parseIpv4(/\d+\.\d+\.\d+\.\d+/.exec(line)?.[0] ?? '');
}

/** The length of the mask; none for 0.0.0.0, which stands for a network that has no size yet. */
function maskIn(line: string): number | undefined {
  return parseNetmask(/\d+\.\d+\.\d+\.\d+/.exec(line)?.[0] ?? '') || undefined;
}
