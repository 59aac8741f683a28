import { isAtLeast } from './versions.js';

/** `list dhcpservers`, in the words of the claimed version. */
export function dhcpLines(call) {
  const { dhcpServers } = call.home.settings;
  const isNew = isAtLeast(call.env, '6.1.0');
  return dhcpServers.flatMap((server, i) => {
    const block = isNew ? newBlock(call, server) : oldBlock(server);
    // Old versions end each block with an empty line, new ones separate them by one.
    return isNew && i === dhcpServers.length - 1 ? block : [...block, ''];
  });
}

function oldBlock({ name, ip, mask, lower, upper, enabled }) {
  return [
    ...[`NetworkName:    ${name}`, `IP:             ${ip}`, `NetworkMask:    ${mask}`, `lowerIPAddress: ${lower}`],
    ...[`upperIPAddress: ${upper}`, `Enabled:        ${enabled ? 'Yes' : 'No'}`],
  ];
}

function newBlock(call, server) {
  const { name, ip, mask, lower, upper, enabled, configs } = server;
  return [
    ...[`NetworkName:    ${name}`, `Dhcpd IP:       ${ip}`, `LowerIPAddress: ${lower}`, `UpperIPAddress: ${upper}`],
    ...[`NetworkMask:    ${mask}`, `Enabled:        ${enabled ? 'Yes' : 'No'}`, 'Global Configuration:'],
    ...[...leaseLines({}), `        1/legacy: ${mask}`, 'Groups:               None'],
    ...(configs.length === 0 ? ['Individual Configs:   None'] : configs.flatMap((config) => configLines(call, config))),
  ];
}

function leaseLines({ min, default: usual, max }) {
  const time = (seconds) => (seconds === undefined ? 'default' : `${seconds} sec`);
  return [
    ...[
      `    minLeaseTime:     ${time(min)}`,
      `    defaultLeaseTime: ${time(usual)}`,
      `    maxLeaseTime:     ${time(max)}`,
    ],
    ...['    Forced options:   None', '    Suppressed opts.: None'],
  ];
}

function configLines(call, config) {
  const { uuid, slot, mac, fixed, option } = config;
  const who =
    mac === undefined ? `VM NIC: ${uuid} slot ${slot}, MAC ${nicMac(call, uuid, slot)}` : `MAC ${withColons(mac)}`;
  return [
    `Individual Config:    ${who}`,
    ...(fixed === undefined ? [] : [`    Fixed Address:    ${fixed}`]),
    ...leaseLines(config),
    option === undefined ? '    DHCP options:     None' : `        ${option[0]}/legacy: ${option[1]}`,
  ];
}

function nicMac(call, uuid, slot) {
  const nic = call.machines.lookUp(uuid)?.machine?.nics[slot];
  if (nic === undefined) return 'VBOX_E_OBJECT_NOT_FOUND';
  return nic.kind === 'none' ? 'NS_ERROR_FAILURE' : withColons(nic.mac);
}

function withColons(mac) {
  return mac.toLowerCase().match(/../g).join(':');
}
