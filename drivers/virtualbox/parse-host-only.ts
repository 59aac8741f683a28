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

/** Reads the answer of `list hostonlyifs`. */
export function parseHostOnlyAdapters(text: string): readonly HostOnlyAdapter[] {
  return recordsOf(text, 'Name').map((fields) => {
    const name = fields.get('name') ?? '';
    const address = parseIpv4(fields.get('ipaddress') ?? '') ?? 0;
    const isUsable = address !== 0 && !isInside(linkLocal, address);
    return {
      name,
      networkName: fields.get('vboxnetworkname') ?? `HostInterfaceNetworking-${name}`,
      address: isUsable ? address : undefined,
      prefix: parseNetmask(fields.get('networkmask') ?? '') || undefined,
      macAddress: fields.get('hardwareaddress') ?? '',
      isUp: fields.get('status') !== 'Down',
    };
  });
}

const linkLocal: Cidr = { address: 0xa9fe_0000, prefix: 16 };

/** Reads the answer of `list hostonlynets`. */
export function parseHostOnlyNets(text: string): readonly HostOnlyNet[] {
  return recordsOf(text, 'Name').map((fields) => {
    const name = fields.get('name') ?? '';
    return {
      name,
      networkName: fields.get('vboxnetworkname') ?? `hostonly-${name}`,
      isEnabled: fields.get('state') !== 'Disabled',
      prefix: parseNetmask(fields.get('networkmask') ?? '') || undefined,
      lower: parseIpv4(fields.get('lowerip') ?? '') ?? 0,
      upper: parseIpv4(fields.get('upperip') ?? '') ?? 0,
    };
  });
}

/** Reads the answer of `list dhcpservers`, of any version since 5.2. */
export function parseDhcpServers(text: string): readonly DhcpServer[] {
  return blocksOf(text, 'NetworkName').map((lines) => {
    const head = fieldsOf(lines);
    const numberOf = (...keys: readonly string[]): number =>
      parseIpv4(keys.map((key) => head.get(key)).find((value) => value !== undefined) ?? '') ?? 0;
    return {
      networkName: head.get('networkname') ?? '',
      address: numberOf('dhcpd ip', 'ip'),
      lower: numberOf('loweripaddress'),
      upper: numberOf('upperipaddress'),
      prefix: parseNetmask(head.get('networkmask') ?? '') || undefined,
      isEnabled: head.get('enabled') === 'Yes',
      leases: leasesOf(lines),
      knowsLeases: lines.some((line) => /^Individual Config/.test(line)),
    };
  });
}

/** Whether the server's own address is in the network, and its mask that of the network. */
export function servesNetwork(server: DhcpServer | undefined, network: Cidr): server is DhcpServer {
  if (server === undefined || server.address === 0 || server.prefix !== network.prefix) return false;
  return networkOf({ address: server.address, prefix: network.prefix }).address === networkOf(network).address;
}

function leasesOf(lines: readonly string[]): readonly FixedLease[] {
  return lines.flatMap((line, index) => {
    const [, words] = /^Individual Config:\s+(.*)$/.exec(line) ?? [];
    if (words === undefined) return [];
    const rest = lines.slice(index + 1);
    const end = rest.findIndex((each) => !/^\s/.test(each));
    const settings = rest.slice(0, end < 0 ? rest.length : end).join('\n');
    const address = parseIpv4(/^\s+Fixed Address:\s+([\d.]+)/m.exec(settings)?.[1] ?? '');
    if (address === undefined) return [];
    const [, identity, slot] = /^VM NIC: (\S+) slot (\d+)/.exec(words) ?? [];
    const vm = identity === undefined ? undefined : { identity, nic: Number(slot) + 1 };
    return { macAddress: normalMac(/MAC ([\da-f:]{17})$/i.exec(words)?.[1]), vm, address };
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

/** Lines cut before each one with this key; what comes before the first, such as warnings, is left out. */
function blocksOf(text: string, firstKey: string): readonly (readonly string[])[] {
  const blocks: string[][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith(`${firstKey}:`)) blocks.push([]);
    blocks.at(-1)?.push(line);
  }
  return blocks;
}

function recordsOf(text: string, firstKey: string): readonly ReadonlyMap<string, string>[] {
  return blocksOf(text, firstKey).map(fieldsOf);
}

/** `Key: value` lines that are not indented; keys in lower case, for versions differ in that. */
function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.flatMap((line) => {
      const [, key, value] = /^(\S[^:]*):\s*(.*?)\s*$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key.toLowerCase(), value] as const];
    }),
  );
}
