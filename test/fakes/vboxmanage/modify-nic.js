import { needMutable } from './locks.js';
import { bareError, comError, Refusal, syntaxError } from './refusal.js';

const types = ['Am79C970A', 'Am79C973', 'Am79C960', '82540EM', '82543GC', '82545EM', 'virtio', 'usbnet'];
const kinds = ['none', 'null', 'nat', 'bridged', 'intnet', 'hostonly', 'hostonlynet', 'generic', 'natnetwork', 'cloud'];
const pattern = new RegExp(
  '^(nic|nictype|nicpromisc|cableconnected|hostonlyadapter|hostonlynet|bridgeadapter|macaddress|natnet|natpf|' +
    'natdnshostresolver|natdnsproxy|natdnspassdomain|natlocalhostreachable|nicspeed|nicbootprio|nictrace)(\\d+)$',
);

/** Whether `modifyvm` knows an option (without dashes) about a network adapter. */
export function isNicOption(name) {
  return pattern.test(name);
}

/** Changes a network adapter. */
export function applyNic(call, entry, option) {
  const [, what, number] = pattern.exec(option.name);
  const { machine } = entry;
  const saved = savedContexts[what];
  // The real program tells of the first and goes on.
  const code = what === 'nic' ? 0 : 1;
  if (saved !== undefined) needMutable(entry, `${saved} of VBoxManageModifyVM.cpp`, { code });
  const nic = machine.nics[Number(number) - 1];
  if (nic === undefined) throw new Refusal([`Invalid NIC number ${number}`], { code: 0 });
  setters[what]?.(nic, { ...option, number, call });
}

/** What a saved machine does not take any more; NAT rules and the place of a cable are no such thing. */
const savedContexts = {
  nic: 'COMSETTER(Enabled)(TRUE) at 1930',
  nictype: 'COMSETTER(AdapterType)(NetworkAdapterType_I82540EM) at 1730',
  hostonlyadapter: 'COMSETTER(HostOnlyInterface)(Bstr(ValueUnion.psz).raw()) at 2040',
  macaddress: 'COMSETTER(MACAddress)(Bstr(ValueUnion.psz).raw()) at 2461',
};

const setters = {
  nic: (nic, { value, number }) => {
    if (!kinds.includes(value)) throw new Refusal([`Invalid type '${value}' specfied for NIC ${number}`]);
    nic.kind = value;
  },
  nictype: (nic, { value, number }) => {
    const type = types.find((known) => known.toLowerCase() === String(value).toLowerCase());
    if (type === undefined) throw new Refusal([`Invalid NIC type '${value}' specified for NIC ${number}`]);
    nic.type = type;
  },
  nicpromisc: (nic, { value }) => {
    nic.promisc = value;
  },
  cableconnected: (nic, { value }) => {
    nic.cable = value;
  },
  hostonlyadapter: (nic, { value, call }) => {
    if (value === 'none') throw namelessAdapter();
    const exists = call.home.host.adapters.some(({ name }) => name === value);
    if (!exists) call.out.note(`warning: Interface "${value}" doesn't seem to exist`);
    nic.adapter = value;
  },
  hostonlynet: (nic, { value }) => {
    nic.network = value;
  },
  macaddress: (nic, { value }) => {
    nic.mac = readMac(value);
  },
  natnet: (nic, { value }) => {
    nic.natnet = value === 'default' ? 'nat' : value;
  },
  natlocalhostreachable: (nic, { value }) => {
    nic.localhost = value === 'on' ? '1' : '0';
  },
  natpf: (nic, { value, take, number }) => {
    if (value === 'delete') removeRule(nic, take());
    else addRule(nic, value, number);
  },
};

function namelessAdapter() {
  const text = 'Empty or null host only interface name is not valid';
  const context = 'COMSETTER(HostOnlyInterface)(Bstr().raw()) at 2040 of VBoxManageModifyVM.cpp';
  return comError(text, 'NS_ERROR_FAILURE', 'NetworkAdapterWrap/INetworkAdapter', context);
}

function readMac(value) {
  if (value === 'auto') return `080027${Math.random().toString(16).slice(2, 8).padEnd(6, '0').toUpperCase()}`;
  if (/^[0-9a-f]{12}$/i.test(value)) return value.toUpperCase();
  const context = 'COMSETTER(MACAddress)(Bstr(ValueUnion.psz).raw()) at 2461 of VBoxManageModifyVM.cpp';
  throw comError('Invalid MAC address format', 'NS_ERROR_INVALID_ARG', 'NetworkAdapterWrap/INetworkAdapter', context);
}

const addCall =
  'AddRedirect(Bstr(strName).raw(), proto, Bstr(strHostIp).raw(), RTStrToUInt16(strHostPort), ' +
  'Bstr(strGuestIp).raw(), RTStrToUInt16(strGuestPort)) at 2251 of VBoxManageModifyVM.cpp';

/** Adds a NAT rule `name,tcp|udp,hostip,hostport,guestip,guestport`; `number` is that of the adapter. */
export function addRule(nic, text, number = '1') {
  const [given, protocol, hostIp, hostText, guestIp, guestText] = String(text).split(',');
  if (guestText === undefined)
    throw syntaxError("Missing or invalid argument to '--natpf'", 'modifyvm', { repeats: true });
  if (!['tcp', 'udp'].includes(protocol)) throw new Refusal([`Invalid proto '${text}' specfied for NIC ${number}`]);
  // Ports are numbers of 16 bits, whatever one writes.
  const [hostPort, guestPort] = [String(Number(hostText) % 65536), String(Number(guestText) % 65536)];
  const name = given || `${protocol}_${hostPort}_${guestPort}`;
  const others = nic.rules.map((known) => known.split(','));
  if (others.some((other) => other[0] === name)) throw ruleError('A NAT rule of this name already exists');
  const taken = others.some((o) => o[1] === protocol && o[2] === hostIp && o[3] === hostPort);
  if (taken) throw ruleError('A NAT rule for this host port and this host IP already exists');
  nic.rules.push([name, protocol, hostIp, hostPort, guestIp, guestPort].join(','));
  // VirtualBox lists them by their names.
  nic.rules.sort();
}

function ruleError(text) {
  return comError(text, 'NS_ERROR_INVALID_ARG', 'NATEngineWrap/INATEngine', addCall);
}

/** Removes a NAT rule by its name. */
export function removeRule(nic, name) {
  const kept = nic.rules.filter((rule) => rule.split(',')[0] !== name);
  if (kept.length === nic.rules.length) {
    const context = 'RemoveRedirect(Bstr(ValueUnion.psz).raw()) at 2264 of VBoxManageModifyVM.cpp';
    throw bareError('NS_ERROR_INVALID_ARG', 'Invalid argument value', context);
  }
  nic.rules = kept;
}
