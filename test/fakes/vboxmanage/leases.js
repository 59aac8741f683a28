import { toNumber } from './hostonly.js';

/**
 * The address that a machine's adapter gets from the DHCP server of its host-only network: the fixed one, or the one it had
 * before, or the lowest that is free; undefined where no server is on. `slot` counts adapters from 0.
 */
export function leaseOf(call, machine, slot) {
  const nic = machine.nics[slot];
  const network = networkOf(nic);
  const { settings } = call.home;
  const server = settings.dhcpServers.find(({ name }) => name === network) ?? netServer(settings, nic);
  if (network === undefined || !server?.enabled) return undefined;
  settings.leases ??= {};
  settings.leases[network] ??= {};
  const leases = settings.leases[network];
  const fixed = server.configs.find((config) => isFor(config, machine.uuid, slot, nic.mac))?.fixed;
  leases[nic.mac] = fixed ?? leases[nic.mac] ?? lowestFree(server, leases);
  return leases[nic.mac];
}

/** The name of the network that an adapter is in, as DHCP servers have it. */
function networkOf({ kind, adapter, network }) {
  if (kind === 'hostonly') return `HostInterfaceNetworking-${adapter}`;
  return kind === 'hostonlynet' ? `hostonly-${network}` : undefined;
}

/** On macOS a host-only network has a server of its own. */
function netServer({ hostOnlyNets }, { network }) {
  const net = hostOnlyNets.find(({ name }) => name === network);
  return net === undefined ? undefined : { ...net, configs: [] };
}

function isFor(config, uuid, slot, mac) {
  return config.mac === mac || (config.uuid === uuid && config.slot === slot);
}

function lowestFree({ lower, upper, configs }, leases) {
  const taken = new Set(
    [...Object.values(leases), ...configs.map(({ fixed }) => fixed)].map((ip) => toNumber(ip ?? '')),
  );
  for (let number = toNumber(lower); number <= toNumber(upper); number++) {
    if (!taken.has(number)) return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.');
  }
  return undefined;
}
