import { machineFiles, osType } from './machines.js';

/** `showvminfo --machinereadable` of a machine. `file` is its settings file. */
export function machineLines(file, machine) {
  return [
    ...generalLines(file, machine),
    ...stateLines(machine),
    ...controllerLines(machine),
    ...machine.nics.flatMap((nic, i) => nicLines(nic, i + 1)),
    ...['hidpointing="ps2mouse"', 'hidkeyboard="ps2kbd"'],
    ...machine.uarts.flatMap((uart, i) => uartLines(uart, i + 1)),
    ...['lpt1="off"', 'lpt2="off"'],
    ...endLines(file, machine),
  ];
}

function generalLines(file, machine) {
  const { settings: s } = machine;
  const files = machineFiles(file);
  return [
    ...[`name="${machine.name}"`, 'encryption="disabled"', `groups="${machine.groups}"`, 'platformArchitecture="x86"'],
    ...[`ostype="${osType(machine.osType).description}"`, `UUID="${machine.uuid}"`, `CfgFile="${file}"`],
    ...[`SnapFldr="${files.snapshots}"`, `LogFldr="${files.logs}"`, `hardwareuuid="${machine.uuid}"`],
    ...[`memory=${s.memory}`, `pagefusion="${s.pagefusion}"`, `vram=${s.vram}`],
    ...[`cpuexecutioncap=${s.cpuexecutioncap}`, 'cpu-profile="host"', `chipset="${s.chipset}"`],
    ...[`firmware="${s.firmware}"`, `cpus=${s.cpus}`, ...keys(s, 'hpet pae longmode triplefaultreset apic x2apic')],
    ...[`nested-hw-virt="${s.nestedhwvirt}"`, ...keys(s, 'hwvirtex nestedpaging largepages vtxvpid vtxux')],
    ...['virtvmsavevmload="on"', 'cpuid-portability-level=0'],
    ...[...keys(s, 'bootmenu boot1 boot2 boot3 boot4 acpi ioapic'), 'biosapic="apic"', 'biossystemtimeoffset=0'],
    ...[`NvramFile="${files.nvram}"`, `rtcuseutc="${s.rtcuseutc}"`, 'iommu="none"'],
    ...[`paravirtprovider="${s.paravirtprovider}"`, `effparavirtprovider="${effectiveProvider(machine)}"`],
  ];
}

/** The paravirtualization a guest really gets. */
export function effectiveProvider({ settings, osType: os }) {
  return settings.paravirtprovider === 'default' ? osType(os).effective : settings.paravirtprovider;
}

function keys(settings, names) {
  return names.split(' ').map((name) => `${name}="${settings[name]}"`);
}

function stateLines({ settings: s, state }) {
  return [
    ...[`VMState="${state.name}"`, `VMStateChangeTime="${state.since}"`],
    ...(state.file === undefined ? [] : [`VMStateFile="${state.file}"`]),
    ...[`graphicscontroller="${s.graphicscontroller}"`, 'monitorcount=1', `accelerate3d="${s.accelerate3d}"`],
    ...['teleporterenabled="off"', 'teleporterport=0', 'teleporteraddress=""', 'teleporterpassword=""'],
    ...['tracing-enabled="off"', 'tracing-allow-vm-access="off"', 'tracing-config=""'],
    ...['autostart-enabled="off"', 'autostart-delay=0', `defaultfrontend="${s.defaultfrontend}"`],
    `vmprocpriority="${s.vmprocpriority}"`,
  ];
}

function controllerLines({ controllers }) {
  const heads = controllers.flatMap((c, i) => [
    ...[`storagecontrollername${i}="${c.name}"`, `storagecontrollertype${i}="${c.type}"`],
    ...[`storagecontrollerinstance${i}="0"`, `storagecontrollermaxportcount${i}="${c.maxPorts}"`],
    ...[`storagecontrollerportcount${i}="${c.ports}"`, `storagecontrollerbootable${i}="on"`],
  ]);
  return [...heads, ...controllers.flatMap(slotLines)];
}

function slotLines({ name, ports, devices, slots }) {
  return slotNames(ports, devices).flatMap((slot) => {
    const drive = slots[slot];
    if (drive === undefined) return [`"${name}-${slot}"="none"`];
    if (drive.medium === undefined) return [`"${name}-${slot}"="emptydrive"`, `"${name}-IsEjected-${slot}"="off"`];
    const flag = (word) => `"${name}-${word}-${slot}"="off"`;
    return [
      ...[`"${name}-${slot}"="${drive.medium}"`, `"${name}-ImageUUID-${slot}"="${drive.uuid}"`],
      ...(drive.type === 'dvddrive' ? [flag('tempeject'), flag('IsEjected')] : []),
      ...[flag('hot-pluggable'), flag('nonrotational'), flag('discard')],
    ];
  });
}

/** `0-0`, `0-1`, ...: every place of a controller. */
export function slotNames(ports, devices) {
  return Array.from({ length: ports * devices }, (_, i) => `${Math.floor(i / devices)}-${i % devices}`);
}

function nicLines(nic, n) {
  if (nic.kind === 'none') return [`nic${n}="none"`];
  const plug = [`macaddress${n}="${nic.mac}"`, `cableconnected${n}="${nic.cable}"`];
  const tail = [`nic${n}="${nic.kind}"`, `nictype${n}="${nic.type}"`, `nicspeed${n}="0"`];
  if (nic.kind === 'nat') return [`natnet${n}="${nic.natnet}"`, ...plug, ...tail, ...natLines(nic)];
  if (nic.kind === 'hostonly') return [`hostonlyadapter${n}="${nic.adapter ?? ''}"`, ...plug, ...tail];
  if (nic.kind === 'hostonlynet') return [`hostonly-network${n}="${nic.network ?? ''}"`, ...plug, ...tail];
  return [...plug, ...tail];
}

function natLines(nic) {
  return [
    ...['mtu="0"', 'sockSnd="64"', 'sockRcv="64"', 'tcpWndSnd="64"', 'tcpWndRcv="64"'],
    ...[`localhostReachable="${nic.localhost}"`, 'forwardBroadcast="0"', 'enableTFTP="0"'],
    ...nic.rules.map((rule, i) => `Forwarding(${i})="${rule}"`),
  ];
}

function uartLines(uart, n) {
  if (uart.port === undefined) return [`uart${n}="off"`];
  const mode = uart.path === undefined ? uart.mode : `${uart.mode},${uart.path}`;
  return [`uart${n}="${uart.port},${uart.irq}"`, `uartmode${n}="${mode}"`, `uarttype${n}="16550A"`];
}

function endLines(file, machine) {
  const { settings: s, state } = machine;
  const runs = state.name === 'running' || state.name === 'paused';
  return [
    ...[...keys(s, 'audio audio_out audio_in clipboard'), 'clipboard_file_transfers="off"', ...keys(s, 'draganddrop')],
    ...(runs ? [`SessionName="${state.session}"`, 'VideoMode="720,400,0"@0,0 1'] : []),
    ...keys(s, 'vrde usb ehci xhci'),
    ...machine.shares.flatMap(({ name, path }, i) => [
      `SharedFolderNameMachineMapping${i + 1}="${name}"`,
      `SharedFolderPathMachineMapping${i + 1}="${path}"`,
    ]),
    ...(runs ? ['VRDEActiveConnection="off"', 'VRDEClients==0'] : []),
    ...recordingLines(machineFiles(file).recording),
    ...(machine.description === '' ? [] : [`description="${machine.description}"`]),
    ...snapshotLines(machine.snapshots),
    'GuestMemoryBalloon=0',
    ...(runs && state.additions !== undefined ? additionsLines(machine, state.additions) : []),
  ];
}

function recordingLines(path) {
  return [
    ...['recording_started="off"', 'recording_enabled="off"', 'recording_screens=1', ' rec_screen0'],
    ...['rec_screen_enabled="on"', 'rec_screen_id=0', 'rec_screen_video_enabled="on"'],
    ...['rec_screen_audio_enabled="off"', 'rec_screen_dest="File"', `rec_screen_dest_filename="${path}"`],
    ...['rec_screen_opts="ac_profile=med"', 'rec_screen_video_res_xy="1024x768"', 'rec_screen_video_rate_kbps=512'],
    'rec_screen_video_fps=25',
  ];
}

/** The one line of snapshots that the stand-in keeps: each on top of the one before. */
export function snapshotLines(snapshots) {
  const node = (i) => `SnapshotName${'-1'.repeat(i)}`;
  const all = snapshots.flatMap(({ name, uuid }, i) => [
    `${node(i)}="${name}"`,
    `SnapshotUUID${'-1'.repeat(i)}="${uuid}"`,
  ]);
  const last = snapshots.at(-1);
  if (last === undefined) return [];
  return [
    ...all,
    `CurrentSnapshotName="${last.name}"`,
    `CurrentSnapshotUUID="${last.uuid}"`,
    `CurrentSnapshotNode="${node(snapshots.length - 1)}"`,
  ];
}

function additionsLines({ osType: os }, { version, at }) {
  const facility = (name, status, time) => `GuestAdditionsFacility_${name}=${status},${time}`;
  return [
    ...[`GuestOSType="${os}"`, 'GuestAdditionsRunLevel=1', `GuestAdditionsVersion="${version}"`],
    facility('VirtualBox Base Driver', 50, at),
    facility('Seamless Mode', 0, at),
    facility('Graphics Mode', 0, at),
  ];
}
