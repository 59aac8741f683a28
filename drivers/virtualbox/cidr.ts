/** An IPv4 address with the length of its network's prefix. The address may be a host's or the network's own. */
export interface Cidr {
  /** As an unsigned number of 32 bits. */
  readonly address: number;
  readonly prefix: number;
}

/** The address as an unsigned number, or nothing where the text is no IPv4 address in the usual form. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The address in the usual form. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Reads `192.168.99.1/24`. */
export function parseCidr(text: string): Cidr | undefined {
  const [, addressText, prefixText] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const address = parseIpv4(addressText ?? '');
  const prefix = Number(prefixText);
  return address === undefined || prefix > 32 ? undefined : { address, prefix };
}

/** Writes `192.168.99.1/24`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.address)}/${cidr.prefix}`;
}

/** Reads `255.255.255.0` as 24; nothing where the bits have gaps, as in the mask 15.0.0.0 that some versions report. */
export function parseNetmask(text: string): number | undefined {
  const mask = parseIpv4(text);
  if (mask === undefined) return undefined;
  const prefix = Math.clz32(~mask);
  return maskOf(prefix) === mask ? prefix : undefined;
}

/** Writes 24 as `255.255.255.0`. */
export function formatNetmask(prefix: number): string {
  return formatIpv4(maskOf(prefix));
}

/** The network that an address is in, such as 192.168.99.0/24 for 192.168.99.1/24. */
export function networkOf({ address, prefix }: Cidr): Cidr {
  return { address: (address & maskOf(prefix)) >>> 0, prefix };
}

/** The last address of the network: its broadcast address. */
export function lastOf(cidr: Cidr): number {
  return networkOf(cidr).address + 2 ** (32 - cidr.prefix) - 1;
}

/** Whether the address is in the network. */
export function isInside(network: Cidr, address: number): boolean {
  return networkOf(network).address === networkOf({ address, prefix: network.prefix }).address;
}

/** Whether the address is in the network and neither its first nor its last, which no computer can have. */
export function isHostAddress(network: Cidr, address: number): boolean {
  return isInside(network, address) && address !== networkOf(network).address && address !== lastOf(network);
}

/** Whether some address is in both networks. */
export function doOverlap(one: Cidr, other: Cidr): boolean {
  const prefix = Math.min(one.prefix, other.prefix);
  return isInside({ address: one.address, prefix }, other.address);
}

function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0;
}
