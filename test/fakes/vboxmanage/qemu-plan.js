import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage } from './images.js';
import { machineFiles } from './machines.js';

const models = {
  ...{ '82540EM': 'e1000', '82543GC': 'e1000-82544gc', '82545EM': 'e1000-82545em', virtio: 'virtio-net-pci' },
  ...{ Am79C970A: 'pcnet', Am79C973: 'pcnet', Am79C960: 'pcnet' },
};
// Where VirtualBox has its adapters: guests name interfaces by their places.
const places = ['0x3', '0x8', '0x9', '0xa', '0x10', '0x11', '0x12', '0x13'];

/** What a guest has on its host-only network; from outside it is reached at its lease. */
const guestAddress = '10.0.3.15';

/**
 * QEMU's command line for a machine, and what has to be around it: `{ argv, monitor, console, rewrite, incoming }`. The
 * console's lines are written with the lease in the place of the address that the guest itself sees.
 */
export async function qemuPlan({ env, file, machine, leases, busy }) {
  const monitor = join(tmpdir(), `fake-vbox-${machine.uuid}.qmp`);
  const incoming = machine.state.name === 'saved' ? machine.state.file : undefined;
  const lease = leases.find((address) => address !== undefined);
  const network = { env, leases, busy };
  const nics = await Promise.all(machine.nics.map((nic, i) => nicArguments(nic, i, network)));
  return {
    argv: [
      ...baseArguments(machine, monitor),
      ...machine.controllers.flatMap((controller, i) => controllerArguments(controller, i, bootOrder(machine))),
      ...nics.flat(),
      ...machine.shares.flatMap(shareArguments),
      ...(incoming === undefined ? [] : ['-incoming', `exec:cat <'${incoming}'`]),
    ],
    ...{ monitor, incoming, console: consoleFile(file, machine) },
    rewrite: lease === undefined ? undefined : { from: guestAddress, to: lease },
  };
}

function baseArguments({ name, uuid, settings: s }, monitor) {
  const chipset = s.chipset === 'ich9' ? 'q35' : 'pc';
  return [
    ...['-name', quote(name), '-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none'],
    ...['-machine', `${chipset},hpet=${s.hpet}`, '-accel', 'tcg,thread=multi', '-cpu', 'max'],
    ...['-m', s.memory, '-smp', s.cpus, '-boot', 'strict=on', '-uuid', uuid],
    ...['-rtc', `base=${s.rtcuseutc === 'on' ? 'utc' : 'localtime'}`],
    ...['-smbios', 'type=1,manufacturer=innotek GmbH,product=VirtualBox,version=1.2'],
    ...['-qmp', `unix:${quote(monitor)},server=on,wait=off`, '-serial', 'stdio'],
    ...['-device', 'virtio-rng-pci'],
  ];
}

/** The file of the first serial port, or one beside the logs: a console is always written. */
function consoleFile(file, { uarts: [uart] }) {
  const isFile = uart.port !== undefined && uart.mode === 'file';
  return isFile ? uart.path : join(machineFiles(file).logs, 'serial.log');
}

function bootOrder({ settings }) {
  return [1, 2, 3, 4].map((n) => settings[`boot${n}`]);
}

function controllerArguments({ type, slots }, c, order) {
  const isIde = type.startsWith('PIIX') || type === 'ICH6';
  const head = isIde ? [] : ['-device', `ich9-ahci,id=ctl${c}${c === 0 ? ',addr=0xd' : ''}`];
  const drives = Object.entries(slots).flatMap(([slot, drive]) => {
    const [port, device] = slot.split('-');
    const bus = isIde ? `bus=ide.${port},unit=${device}` : `bus=ctl${c}.${port}`;
    return driveArguments(drive, bus, { node: `d${c}p${port}u${device}`, order, unit: Number(port) });
  });
  return [...head, ...drives];
}

function driveArguments({ type, medium }, bus, { node, order, unit }) {
  const isDvd = type === 'dvddrive';
  if (medium === undefined) return ['-device', `ide-cd,${bus}`];
  const at = order.indexOf(isDvd ? 'dvd' : 'disk');
  const boot = at === -1 ? '' : `,bootindex=${at * 64 + unit}`;
  const device = ['-device', `ide-${isDvd ? 'cd' : 'hd'},${bus},drive=${node}${boot}`];
  const name = `file.driver=file,file.filename=${quote(medium)}`;
  if (isDvd) return ['-blockdev', `driver=raw,node-name=${node},read-only=on,${name},file.locking=off`, ...device];
  const image = readImage(medium);
  const driver = image.raw ? `raw,size=${image.capacity}` : image.format.toLowerCase();
  const cache = 'cache.no-flush=on,discard=unmap,file.discard=unmap';
  return ['-blockdev', `driver=${driver},node-name=${node},${cache},${name}`, ...device];
}

async function nicArguments(nic, i, network) {
  if (nic.kind === 'none') return [];
  const n = i + 1;
  const mac = nic.mac.toLowerCase().match(/../g).join(':');
  const device = `${models[nic.type]},id=nic${n},addr=${places[i]},mac=${mac},romfile=`;
  if (nic.kind === 'null') return ['-device', device];
  const backend = nic.kind === 'nat' ? natBackend(nic, network) : await hostOnlyBackend(network, i);
  return ['-netdev', `user,id=net${n},ipv6=off${backend}`, '-device', `${device},netdev=net${n}`];
}

function natBackend({ natnet, rules }, { busy }) {
  const forwards = rules.filter((rule) => !busy.includes(rule)).map((rule) => `,hostfwd=${forwardOf(rule)}`);
  return `${natnet === 'nat' ? '' : `,net=${natnet}`}${forwards.join('')}`;
}

/** A NAT rule as QEMU writes it. */
export function forwardOf(rule) {
  const [, protocol, host, hostPort, guest, guestPort] = rule.split(',');
  return `${protocol}:${host || '0.0.0.0'}:${hostPort}-${guest}:${guestPort}`;
}

/** A network without a way out, and the ports of the guest at its lease: 2376, 22 and those of FAKE_VBOX_PORTS. */
async function hostOnlyBackend({ env, leases }, i) {
  const head = `,restrict=on,net=10.0.3.0/24,dhcpstart=${guestAddress}`;
  const lease = leases[i];
  if (lease === undefined) return head;
  const more = (env.FAKE_VBOX_PORTS ?? '').split(',').filter((port) => port !== '');
  const checked = await Promise.all(
    ['2376', '22', ...more].map(async (port) => ((await isFree(lease, port)) ? port : '')),
  );
  const ports = checked.filter((port) => port !== '');
  return head + ports.map((port) => `,hostfwd=tcp:${lease}:${port}-${guestAddress}:${port}`).join('');
}

/** Whether one may listen there: ports below 1024 are not for everyone, nor are all addresses this computer's. */
function isFree(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(Number(port), host, () => server.close(() => resolve(true)));
  });
}

/** VirtualBox's own file system needs its own device: shares are 9p, with their names as tags. */
function shareArguments({ name, path, writable }, i) {
  const options = `security_model=none,multidevs=remap${writable ? '' : ',readonly=on'}`;
  return [
    ...['-fsdev', `local,id=share${i},path=${quote(path)},${options}`],
    ...['-device', `virtio-9p-pci,fsdev=share${i},mount_tag=${name}`],
  ];
}

/** A comma ends a value in QEMU's options unless it is doubled. */
function quote(text) {
  return text.replaceAll(',', ',,');
}
