import { networkInterfaces } from 'node:os';

/** An IPv4 address of one of this computer's network interfaces. */
export interface InterfaceAddress {
  /** The interface's name, such as `eth0`. */
  readonly name: string;
  /** Six pairs of hexadecimal digits with colons. */
  readonly macAddress: string;
  readonly address: string;
  /** Such as `255.255.255.0`. */
  readonly netmask: string;
}

/** The IPv4 addresses of this computer's interfaces that are up; without loopback. */
export function listInterfaceAddresses(): readonly InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ mac, address, netmask }) => ({ name, macAddress: mac, address, netmask })),
  );
}
