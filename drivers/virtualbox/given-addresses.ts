import { join } from 'node:path';
import { parseIpv4 } from './cidr.ts';
import { normalMac } from './parse-host-only.ts';

/** An address that a DHCP server gave to a card without a fixed lease. */
export interface GivenAddress {
  /** Twelve hexadecimal digits in upper case. */
  readonly macAddress: string;
  readonly address: number;
}

/** Reads the book that VirtualBox's DHCP server keeps from 6.1 on: `NETWORK-Dhcpd.leases`. */
export function parseGivenAddresses(book: string): readonly GivenAddress[] {
  return [...book.matchAll(/<Lease\s[^>]*\bmac="([\da-f:]{17})"[^>]*>\s*<Address\s+value="([\d.]+)"/gi)].flatMap(
    ([, mac, text]) => {
      const address = parseIpv4(text ?? '');
      return address === undefined ? [] : { macAddress: normalMac(mac) ?? '', address };
    },
  );
}

/** Where that book is, for a network; nothing where the environment does not tell. */
export function planBookPath(
  networkName: string,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const folder = settingsFolder(platform, env);
  return folder === undefined ? undefined : join(folder, `${networkName}-Dhcpd.leases`);
}

function settingsFolder(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (env['VBOX_USER_HOME']) return env['VBOX_USER_HOME'];
  const home = platform === 'win32' ? env['USERPROFILE'] : env['HOME'];
  if (home === undefined) return undefined;
  if (platform === 'win32') return join(home, '.VirtualBox');
  if (platform === 'darwin') return join(home, 'Library', 'VirtualBox');
  return join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'VirtualBox');
}
