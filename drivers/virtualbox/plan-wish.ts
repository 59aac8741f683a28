import { TmachineError } from 'tmachine/driver';
import { type Cidr, formatCidr, isHostAddress, networkOf, parseCidr, parseIpv4 } from './cidr.ts';
import type { VirtualBoxData } from './data.ts';
import type { NetworkWish } from './plan-network.ts';

/**
 * What the options say of the network.
 *
 * @throws TmachineError `NETWORK_INVALID` or `ADDRESS_INVALID`.
 */
export function planWish(data: Pick<VirtualBoxData, 'HostOnlyCIDR' | 'RequestedIP'>): NetworkWish {
  return { cidr: readCidr(data.HostOnlyCIDR), address: readAddress(data.RequestedIP) };
}

function readCidr(text: string): Cidr | undefined {
  if (text === '') return undefined;
  const cidr = parseCidr(text);
  const invalid = (reason: string, hint: string): TmachineError =>
    new TmachineError(`Cannot use "${text}" for the host-only network: ${reason}`, { code: 'NETWORK_INVALID', hint });
  if (cidr === undefined)
    throw invalid(
      'it is not an address with a prefix length',
      'write it as in --virtualbox-hostonly-cidr 192.168.99.1/24',
    );
  // Room for this computer, the DHCP server and a few machines.
  if (cidr.prefix > 29 || cidr.prefix < 8)
    throw invalid(`a network of /${cidr.prefix} is too ${cidr.prefix > 29 ? 'small' : 'large'}`, '/24 is usual');
  if (!isHostAddress(cidr, cidr.address)) {
    const first = formatCidr({ address: networkOf(cidr).address + 1, prefix: cidr.prefix });
    throw invalid('it must be the address of this computer there, not that of the network', `take ${first}`);
  }
  return cidr;
}

function readAddress(text: string): number | undefined {
  if (text === '') return undefined;
  const address = parseIpv4(text);
  if (address !== undefined) return address;
  throw new TmachineError(`Cannot give the machine the address "${text}": it is not an IPv4 address`, {
    code: 'ADDRESS_INVALID',
    hint: 'write it as in --virtualbox-ip 192.168.99.100',
  });
}
