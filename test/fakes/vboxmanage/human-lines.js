import { effectiveProvider } from './machine-lines.js';
import { machineFiles, osType } from './machines.js';

/** `showvminfo` of a machine for people, also what `list --long vms` prints of each. */
export function humanLines(file, machine) {
  return [
    ...generalLines(file, machine),
    ...stateLines(machine),
    ...controllerLines(machine.controllers),
    ...machine.nics.flatMap((nic, i) => nicLines(nic, i + 1)),
    ...[field('Pointing Device', 'PS/2 Mouse'), field('Keyboard Device', 'PS/2 Keyboard')],
    ...machine.uarts.map((uart, i) => field(`UART ${i + 1}`, describeUart(uart))),
    ...[field('LPT 1', 'disabled'), field('LPT 2', 'disabled')],
    ...endLines(file, machine),
  ];
}

function field(name, value) {
  return `${`${name}:`.padEnd(29)}${value}`;
}

function enabled(value) {
  return value === 'on' ? 'enabled' : 'disabled';
}

const bootDevices = { none: 'Not Assigned', floppy: 'Floppy', dvd: 'DVD', disk: 'HardDisk', net: 'Network' };
const bootMenus = { disabled: 'disabled', menuonly: 'menu only', messageandmenu: 'message and menu' };
const providers = {
  default: 'Default',
  none: 'None',
  legacy: 'Legacy',
  minimal: 'Minimal',
  hyperv: 'HyperV',
  kvm: 'KVM',
};
const graphics = { none: 'None', vboxvga: 'VBoxVGA', vmsvga: 'VMSVGA', vboxsvga: 'VBoxSVGA' };
const states = {
  ...{ poweroff: 'powered off', saved: 'saved', aborted: 'aborted', running: 'running', paused: 'paused' },
  gurumeditation: 'guru meditation',
};

function generalLines(file, machine) {
  const { settings: s } = machine;
  const files = machineFiles(file);
  return [
    ...[field('Name', machine.name), field('Encryption', 'disabled'), field('Groups', machine.groups)],
    ...[field('Platform Architecture', 'x86'), field('Guest OS', osType(machine.osType).description)],
    ...[field('UUID', machine.uuid), field('Config file', file), field('Snapshot folder', files.snapshots)],
    ...[field('Log folder', files.logs), field('Hardware UUID', machine.uuid), field('Memory size', `${s.memory}MB`)],
    ...[field('Page Fusion', enabled(s.pagefusion)), field('VRAM size', `${s.vram}MB`)],
    ...[field('CPU exec cap', `${s.cpuexecutioncap}%`), field('CPUProfile', 'host'), field('Chipset', s.chipset)],
    ...[field('Firmware', s.firmware), field('Number of CPUs', s.cpus), field('HPET', enabled(s.hpet))],
    ...[field('PAE', enabled(s.pae)), field('Long Mode', enabled(s.longmode))],
    ...[field('Triple Fault Reset', enabled(s.triplefaultreset)), field('APIC', enabled(s.apic))],
    ...[field('X2APIC', enabled(s.x2apic)), field('Nested VT-x/AMD-V', enabled(s.nestedhwvirt))],
    ...[field('CPUID overrides', 'None'), field('Hardware Virtualization', enabled(s.hwvirtex))],
    ...[field('Nested Paging', enabled(s.nestedpaging)), field('Large Pages', enabled(s.largepages))],
    ...[field('VT-x VPID', enabled(s.vtxvpid)), field('VT-x Unrestricted Exec.', enabled(s.vtxux))],
    ...[field('AMD-V Virt. Vmsave/Vmload', 'enabled'), field('CPUID Portability Level', '0')],
    field('Boot menu mode', bootMenus[s.bootmenu]),
    ...[1, 2, 3, 4].map((n) => field(`Boot Device ${n}`, bootDevices[s[`boot${n}`]])),
    ...[field('ACPI', enabled(s.acpi)), field('IOAPIC', enabled(s.ioapic)), field('BIOS APIC mode', 'APIC')],
    ...[field('Time offset', '0ms'), field('BIOS NVRAM File', files.nvram)],
    ...[field('RTC', s.rtcuseutc === 'on' ? 'UTC' : 'local time'), field('IOMMU', 'None')],
    field('Paravirt. Provider', providers[s.paravirtprovider]),
    field('Effective Paravirt. Prov.', providers[effectiveProvider(machine)]),
  ];
}

function stateLines({ settings: s, state }) {
  return [
    field('State', `${states[state.name] ?? state.name} (since ${state.since})`),
    ...[field('Graphics Controller', graphics[s.graphicscontroller]), field('Monitor count', '1')],
    ...[field('3D Acceleration', enabled(s.accelerate3d)), field('Teleporter Enabled', 'disabled')],
    ...[field('Teleporter Port', '0'), field('Teleporter Address', ''), field('Teleporter Password', '')],
    ...[field('Tracing Enabled', 'disabled'), field('Allow Tracing to Access VM', 'disabled')],
    ...[field('Tracing Configuration', ''), field('Autostart Enabled', 'disabled'), field('Autostart Delay', '0')],
    ...[field('Default Frontend', s.defaultfrontend), field('VM process priority', s.vmprocpriority)],
  ];
}

function controllerLines(controllers) {
  if (controllers.length === 0) return [field('Storage Controllers', '<none>')];
  return ['Storage Controllers:', ...controllers.flatMap(controllerBlock)];
}

function controllerBlock({ name, type, ports, maxPorts, slots }, i) {
  const drives = Object.entries(slots).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return [
    `#${i}: '${name}', Type: ${type}, Instance: 0, Ports: ${ports} (max ${maxPorts}), Bootable`,
    ...drives.flatMap(([slot, { medium, uuid }]) => {
      const place = `  Port ${slot.split('-')[0]}, Unit ${slot.split('-')[1]}:`;
      return medium === undefined ? [`${place} Empty`] : [`${place} UUID: ${uuid}`, `    Location: "${medium}"`];
    }),
  ];
}

function nicLines(nic, n) {
  if (nic.kind === 'none') return [field(`NIC ${n}`, 'disabled')];
  const plug = `MAC: ${nic.mac}, Attachment: ${attachment(nic)}, Cable connected: ${nic.cable}, Trace: off (file: none)`;
  const rest = `Type: ${nic.type}, Reported speed: 0 Mbps, Boot priority: 0, Promisc Policy: ${nic.promisc}`;
  const head = field(`NIC ${n}`, `${plug}, ${rest}, Bandwidth group: none`);
  if (nic.kind !== 'nat') return [head];
  return [
    ...[head, `NIC ${n} Settings:`, '\tMTU: 0, Socket (send: 64, receive: 64), TCP Window (send:64, receive: 64),'],
    `\tLocalhostReachable: ${nic.localhost}, ForwardBroadcast: 0, EnableTFTP: 0`,
    ...nic.rules.map((rule, i) => ruleLine(rule, `NIC ${n} Rule(${i}):   `)),
  ];
}

function attachment(nic) {
  if (nic.kind === 'nat') return 'NAT';
  if (nic.kind === 'hostonly') return `Host-only Interface '${nic.adapter ?? ''}'`;
  if (nic.kind === 'hostonlynet') return `Host Only Network '${nic.network ?? ''}'`;
  return 'none';
}

function ruleLine(rule, head) {
  const [name, protocol, hostIp, hostPort, guestIp, guestPort] = rule.split(',');
  const host = `host ip = ${hostIp}, host port = ${hostPort}`;
  return `${head}name = ${name}, protocol = ${protocol}, ${host}, guest ip = ${guestIp}, guest port = ${guestPort}`;
}

function describeUart({ port, irq, mode, path }) {
  if (port === undefined) return 'disabled';
  const where = mode === 'file' ? `attached to raw file '${path}'\n, 16550A` : 'disconnected';
  return `I/O address: ${port}, IRQ: ${irq}, ${where}`;
}

function endLines(file, machine) {
  const { settings: s, state } = machine;
  const runs = state.name === 'running' || state.name === 'paused';
  const audio = 'enabled (Driver: Default, Controller: AC97, Codec: STAC9700)';
  return [
    ...[field('Audio', s.audio === 'none' ? 'disabled' : audio), field('Audio playback', enabled(s.audio_out))],
    ...[field('Audio capture', enabled(s.audio_in)), field('Clipboard Mode', s.clipboard)],
    ...[field('Clipboard file transfers', 'disabled'), field('Drag and drop Mode', s.draganddrop)],
    ...(runs ? [field('Session name', state.session)] : []),
    ...[field('VRDE', enabled(s.vrde)), field('OHCI USB', enabled(s.usb)), field('EHCI USB', enabled(s.ehci))],
    ...[field('xHCI USB', enabled(s.xhci)), field('USB Device Filters', '<none>'), field('Bandwidth groups', '<none>')],
    ...shareLines(machine.shares),
    ...recordingLines(machineFiles(file).recording),
    ...(machine.description === '' ? [] : ['Description:', machine.description]),
    ...['* Guest:', field('Configured memory balloon', '0MB')],
  ];
}

function shareLines(shares) {
  if (shares.length === 0) return [field('Shared folders', '<none>')];
  const lines = shares.map(({ name, path, writable, automount, mountPoint }) => {
    const mount = mountPoint ? `, mount-point: '${mountPoint}'` : '';
    const flags = `${writable ? 'writable' : 'readonly'}${automount ? ', auto-mount' : ''}${mount}`;
    return `Name: '${name}', Host path: '${path}' (machine mapping), ${flags}`;
  });
  return [field('Shared folders', ''), '', ...lines, ''];
}

function recordingLines(path) {
  return [
    ...[field('Recording status', 'stopped'), field('Recording enabled', 'no'), field('Recording screens', '1')],
    ...[' Screen 0:', field('    Enabled', 'yes'), field('    ID', '0'), field('    Record video', 'yes')],
    ...[field('    Record audio', 'no'), field('    Destination', 'File'), field('    File', path)],
    ...[field('    Options', 'ac_profile=med'), field('    Video dimensions', '1024x768')],
    ...[field('    Video rate', '512kbps'), field('    Video FPS', '25fps')],
  ];
}
