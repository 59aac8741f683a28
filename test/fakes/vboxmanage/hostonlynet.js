import { randomUUID } from 'node:crypto';
import { readOptions } from './options.js';
import { Refusal, syntaxError } from './refusal.js';

const options = {
  ...{ name: 'name', id: 'id', netmask: 'mask', 'lower-ip': 'lower', 'upper-ip': 'upper' },
  ...{ enable: '!enable', disable: '!disable' },
};

/** `hostonlynet add`, `modify` and `remove`, which only the program for macOS has. */
export function hostOnlyNet(call) {
  const [what, ...args] = call.args;
  const { values } = readOptions('hostonlynet', args, options);
  const nets = call.home.settings.hostOnlyNets;
  const known = nets.find(({ name, guid }) => name === values.name || guid === values.id);
  if (what === 'add') return add(nets, known, values);
  if (known === undefined) throw new Refusal(['Host-only network not found']);
  if (what === 'remove') call.home.settings.hostOnlyNets = nets.filter((net) => net !== known);
  else if (what === 'modify') change(known, values);
  else throw syntaxError(`Unknown subcommand '${what}'`, 'hostonlynet');
}

function add(nets, known, values) {
  if (known !== undefined) throw new Refusal([`Host-only network '${values.name}' already exists`]);
  const net = { name: values.name, guid: values.id ?? randomUUID(), enabled: true };
  change(net, values);
  nets.push(net);
}

function change(net, { mask, lower, upper, enable, disable }) {
  if (mask !== undefined) net.mask = mask;
  if (lower !== undefined) net.lower = lower;
  if (upper !== undefined) net.upper = upper;
  if (enable) net.enabled = true;
  if (disable) net.enabled = false;
}

/** `list hostonlynets`. */
export function hostOnlyNetLines({ home }) {
  return home.settings.hostOnlyNets.flatMap(({ name, guid, enabled, mask, lower, upper }) => [
    ...[
      `Name:            ${name}`,
      `GUID:            ${guid}`,
      '',
      `State:           ${enabled ? 'Enabled' : 'Disabled'}`,
    ],
    ...[`NetworkMask:     ${mask}`, `LowerIP:         ${lower}`, `UpperIP:         ${upper}`],
    ...[`VBoxNetworkName: hostonly-${name}`, ''],
  ]);
}
