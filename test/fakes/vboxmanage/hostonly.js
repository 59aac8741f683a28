import { readFileSync } from 'node:fs';
import { readOptions } from './options.js';
import { bareError, comError, Refusal, syntaxError } from './refusal.js';
import { isAtLeast } from './versions.js';

/** `hostonlyif create`, `remove NAME` and `ipconfig NAME --ip A --netmask M`. */
export function hostOnlyIf(call) {
  const [what, ...args] = call.args;
  const action = { create, remove, ipconfig }[what];
  if (what === undefined) throw new Refusal([], { code: 1, usage: 'hostonlyif' });
  if (action === undefined) throw syntaxError(`Unknown sub-command '${what}'`, 'hostonlyif');
  action(call, args);
}

/** Adapters are numbered from 0; a free number is used again. */
function create(call) {
  const { adapters } = call.home.host;
  const broken = creationFailure(call.env);
  if (broken !== undefined) {
    const context = 'RTEXITCODE handleCreate(HandlerArg*) at 105 of VBoxManageHostonly.cpp';
    const text = `Failed to create the host-only adapter\n${broken}`;
    const face = 'HostNetworkInterfaceWrap/IHostNetworkInterface!';
    throw comError(text, 'NS_ERROR_FAILURE', face, context, { before: '0%...NS_ERROR_FAILURE\n' });
  }
  let n = 0;
  while (adapters.some(({ number }) => number === n)) n++;
  const hex = n.toString(16).padStart(2, '0');
  const guid = `f0000152-dae8-4abf-8000-0a00270000${hex}`;
  const address = { ip: `192.168.${56 + (n % 8)}.1`, mask: '255.255.255.0', up: false };
  adapters.push({ number: n, name: `vboxnet${n}`, guid, hardware: `0a:00:27:00:00:${hex}`, ...address });
  adapters.sort((a, b) => a.number - b.number);
  call.out.progress();
  call.out.line(`Interface 'vboxnet${n}' was successfully created`);
}

function creationFailure(env) {
  if (env.FAKE_VBOX_KERNEL === 'none') {
    return 'VBoxNetAdpCtl: Error while adding new interface: failed to open /dev/vboxnetctl: No such file or directory';
  }
  if (env.FAKE_VBOX_KERNEL === 'one-adapter') {
    return "Failed to execute '/usr/lib/virtualbox/VBoxNetAdpCtl add 2>&1' - exit status: 0";
  }
  return undefined;
}

/** An adapter by its name; refuses at the place of the VirtualBox source that `context` names. */
export function findAdapter(call, name, context, more = {}) {
  const adapter = call.home.host.adapters.find((known) => known.name === name);
  if (adapter !== undefined) return adapter;
  const text = `The host network interface named '${name}' could not be found`;
  throw comError(text, 'NS_ERROR_INVALID_ARG', 'HostWrap/IHost', context, more);
}

function remove(call, [name]) {
  if (name === undefined) throw syntaxError('No interface name was specified', 'hostonlyif remove');
  findAdapter(call, name, `${finding('Bstr(pszName).raw()')} at 150 of VBoxManageHostonly.cpp`);
  const { host } = call.home;
  host.adapters = host.adapters.filter((adapter) => adapter.name !== name);
  call.out.progress();
}

/** The call that VBoxManage names when an adapter is not found; `argument` is how it writes the name. */
export function finding(argument, target = 'hif.asOutParam()') {
  return `FindHostNetworkInterfaceByName(${argument}, ${target})`;
}

function ipconfig(call, [name, ...args]) {
  const { values } = readOptions('hostonlyif', args, { ip: 'ip', netmask: 'mask', dhcp: '!dhcp' });
  const adapter = findAdapter(call, name, `${finding('Bstr(pszName).raw()')} at 242 of VBoxManageHostonly.cpp`);
  if (values.dhcp) {
    const context = 'EnableDynamicIPConfig() at 247 of VBoxManageHostonly.cpp';
    throw bareError('NS_ERROR_NOT_IMPLEMENTED', 'Not implemented', context);
  }
  if (!isAllowed(call.env, values.ip)) {
    const context = 'EnableStaticIPConfig(Bstr(pszIp).raw(), Bstr(pszNetmask).raw()) at 252 of VBoxManageHostonly.cpp';
    throw bareError('E_ACCESSDENIED', 'Access denied', context);
  }
  Object.assign(adapter, { ip: values.ip, mask: values.mask ?? '255.255.255.0', up: true });
}

/** Whether networks.conf (or VirtualBox's own rule without it) allows an address to a host-only adapter. */
function isAllowed(env, ip) {
  if (!isAtLeast(env, '6.1.28')) return true;
  // QEMU stands in for the network on loopback addresses.
  const own = env.FAKE_VBOX_ENGINE === 'qemu' ? ['127.0.0.0/8'] : [];
  return [...allowedRanges(env), ...own].some((range) => isWithin(ip, range));
}

function allowedRanges(env) {
  try {
    const text = readFileSync(env.FAKE_VBOX_NETWORKS_CONF || '/etc/vbox/networks.conf', 'utf8');
    const lines = text.split('\n').filter((line) => line.trim().startsWith('*'));
    return lines.flatMap((line) => line.replace('*', '').trim().split(/\s+/));
  } catch {
    return ['192.168.56.0/21'];
  }
}

/** Whether an IPv4 address lies in a range such as `192.168.56.0/21`. */
export function isWithin(ip, range) {
  const [network, bits = '32'] = range.split('/');
  if (network.includes(':')) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(ip) / size) === Math.floor(toNumber(network) / size);
}

/** An IPv4 address as a number. */
export function toNumber(ip) {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** `list hostonlyifs`. */
export function adapterLines({ home }) {
  return home.host.adapters.flatMap(({ name, guid, ip, mask, hardware, up }) => [
    ...[`Name:            ${name}`, `GUID:            ${guid}`, 'DHCP:            Disabled'],
    ...[`IPAddress:       ${ip}`, `NetworkMask:     ${mask}`, 'IPV6Address:     ', 'IPV6NetworkMaskPrefixLength: 0'],
    ...[`HardwareAddress: ${hardware}`, 'MediumType:      Ethernet', 'Wireless:        No'],
    ...[`Status:          ${up ? 'Up' : 'Down'}`, `VBoxNetworkName: HostInterfaceNetworking-${name}`, ''],
  ]);
}
