import { findLease } from './find-lease.js';
import { findAdapter, finding, isWithin, toNumber } from './hostonly.js';
import { splitOption, unknownOption } from './options.js';
import { comError, Refusal, syntaxError } from './refusal.js';
import { isAtLeast } from './versions.js';

const file = 'VBoxManageDHCPServer.cpp';
const names = {
  ...{ network: 'network', netname: 'network', interface: 'adapter', ifname: 'adapter', ip: 'ip', 'server-ip': 'ip' },
  ...{ netmask: 'mask', lowerip: 'lower', 'lower-ip': 'lower', upperip: 'upper', 'upper-ip': 'upper' },
};
const leaseTimes = { 'min-lease-time': 'min', 'default-lease-time': 'default', 'max-lease-time': 'max' };

/** `dhcpserver add`, `modify`, `remove` and `restart`. */
export function dhcpServer(call) {
  const [what, ...args] = call.args;
  const action = { add, modify, remove, restart, findlease: findLease }[what];
  if (action === undefined) throw syntaxError(`Unknown subcommand: ${what}`, 'dhcpserver', { repeats: true });
  const options = readServerOptions(call, args);
  action(call, options, networkName(call, options, what));
}

/** The options in their order: those after `--vm` or `--mac-address` are about that client. */
function readServerOptions(call, args) {
  const options = { scopes: [] };
  const queue = [...args];
  while (queue.length > 0) {
    const arg = queue.shift();
    const { name, value } = splitOption(arg);
    const take = () => value ?? queue.shift();
    if (name in names && isSpelled(call.env, name)) options[names[name]] = take();
    else if (name === 'enable' || name === 'disable') options.enabled = name === 'enable';
    else if (!isAtLeast(call.env, '6.1.0') || !readScopeOption(options, name, take, queue))
      throw unknownOption(arg, 'dhcpserver');
  }
  return options;
}

/** Until 6.1 there was one spelling of each. */
function isSpelled(env, name) {
  return isAtLeast(env, '6.1.0') || ['netname', 'ifname', 'ip', 'netmask', 'lowerip', 'upperip'].includes(name);
}

function readScopeOption(options, name, take, queue) {
  const scope = options.scopes.at(-1);
  if (name === 'global') options.scopes.push({ kind: 'global' });
  else if (name === 'vm') options.scopes.push({ kind: 'vm', vm: take(), nic: 1 });
  else if (name === 'mac-address') options.scopes.push({ kind: 'mac', mac: readMac(take()) });
  else if (name === 'nic') scope.nic = Number(take());
  else if (name === 'remove-config') scope.gone = true;
  else if (name === 'fixed-address') setFixedAddress(scope, take());
  else if (name in leaseTimes) scope[leaseTimes[name]] = take();
  else if (name === 'set-opt') scope.option = [take(), queue.shift()];
  else return false;
  return true;
}

function setFixedAddress(scope, address) {
  if (scope === undefined || scope.kind === 'global') {
    throw syntaxError('--fixed-address can only be applied to a VM NIC or an MAC address', 'dhcpserver modify');
  }
  scope.fixed = address;
}

function networkName(call, { network, adapter }, what) {
  if (adapter === undefined) return network;
  const removing = what === 'remove';
  const text = removing ? `Failed to locate host-only interface '${adapter}'` : `Could not find interface '${adapter}'`;
  const context = removing
    ? `${finding('bstrInterface.raw()', 'ptrIHostIf.asOutParam()')} at 187 of ${file}`
    : `${finding('Bstr(pCtx->pszInterface).mutableRaw()')} at 927 of ${file}`;
  findAdapter(call, adapter, context, { code: removing ? 1 : 2, after: [text] });
  return `HostInterfaceNetworking-${adapter}`;
}

function add(call, options, name) {
  const servers = call.home.settings.dhcpServers;
  if (servers.some((known) => known.name === name)) throw new Refusal(['DHCP server already exists'], { code: 2 });
  requireRange(options);
  const zero = '0.0.0.0';
  const server = {
    name,
    ip: zero,
    mask: zero,
    lower: zero,
    upper: zero,
    enabled: options.enabled ?? true,
    configs: [],
  };
  // The server stays even if its configuration is refused.
  servers.push(server);
  call.home.save();
  configure(server, options);
  applyScopes(call, server, options);
}

/** The real program tells of everything that is missing, each with the usage. */
function requireRange(options) {
  const missing = Object.entries({ ip: 'ip', mask: 'netmask', lower: 'lowerip', upper: 'upperip' }).find(
    ([key]) => options[key] === undefined,
  );
  if (missing === undefined) return;
  throw syntaxError(`Missing required option: --${missing[1]}`, 'dhcpserver add', { repeats: true });
}

function modify(call, options, name) {
  const server = call.home.settings.dhcpServers.find((known) => known.name === name);
  if (server === undefined) throw new Refusal(['DHCP server does not exist'], { code: 2 });
  configure(server, options);
  if (options.enabled !== undefined) server.enabled = options.enabled;
  applyScopes(call, server, options);
}

function configure(server, { ip, mask, lower, upper }) {
  if ((ip ?? mask ?? lower ?? upper) === undefined) return;
  const next = {
    ip: ip ?? server.ip,
    mask: mask ?? server.mask,
    lower: lower ?? server.lower,
    upper: upper ?? server.upper,
  };
  const range = `${next.ip}/${Math.round(32 - Math.log2(2 ** 32 - toNumber(next.mask)))}`;
  for (const [which, address] of [
    ['lower', next.lower],
    ['upper', next.upper],
  ]) {
    if (!isWithin(address, range)) throw rangeError(which, address, next);
  }
  Object.assign(server, next);
}

function rangeError(which, address, { ip, mask, lower, upper }) {
  const call = 'SetConfiguration(bstrServerIp.raw(), bstrNetmask.raw(), bstrLowerIp.raw(), bstrUpperIp.raw())';
  const after = [`Failed to set configuration (${ip}, ${mask}, ${lower}, ${upper})`];
  const text =
    which === 'lower' ? `Invalid range lower address: ${address} (mask ${mask})` : 'Invalid range upper address';
  const context = `${call} at 980 of ${file}`;
  return comError(text, 'NS_ERROR_INVALID_ARG', 'DHCPServerWrap/IDHCPServer', context, { code: 2, after });
}

function applyScopes(call, server, { scopes }) {
  for (const scope of scopes.filter(({ kind }) => kind !== 'global')) {
    const key = scope.kind === 'vm' ? vmKey(call, scope) : { mac: scope.mac };
    const isSame = (config) => config.mac === key.mac && config.uuid === key.uuid && config.slot === key.slot;
    const old = server.configs.find(isSame);
    server.configs = server.configs.filter((config) => !isSame(config));
    const { fixed, min, default: usual, max, option } = scope;
    const given = Object.entries({ fixed, min, default: usual, max, option }).filter(
      ([, value]) => value !== undefined,
    );
    if (!scope.gone) server.configs.push({ ...old, ...key, ...Object.fromEntries(given) });
  }
  // Those of MAC addresses come first in every listing.
  server.configs.sort((a, b) => Number(a.mac === undefined) - Number(b.mac === undefined));
}

function vmKey(call, { vm, nic }) {
  const get = `GetConfig(m_enmScope, Bstr(m_pszName).raw(), m_uSlot, 1 , m_ptrConfig.asOutParam()) at 279 of ${file}`;
  return { uuid: call.machines.find(vm, get, get).uuid, slot: nic - 1 };
}

/** With colons or nothing between the parts; for others the real program has no words. */
function readMac(text) {
  if (!/^([0-9a-f]{2}:?){5}[0-9a-f]{2}$/i.test(text)) throw new Refusal([''], { code: 2, usage: 'none' });
  return text.replaceAll(':', '').toUpperCase();
}

function remove(call, _options, name) {
  const { settings } = call.home;
  const kept = settings.dhcpServers.filter((known) => known.name !== name);
  if (kept.length === settings.dhcpServers.length) {
    throw new Refusal([`Failed to find DHCP server for network '${name}'`]);
  }
  settings.dhcpServers = kept;
}

function restart(_call, _options, _name) {
  throw comError('Failed to restart the server\nnot running', 'NS_ERROR_FAILURE', 'DHCPServerWrap/IDHCPServer');
}
