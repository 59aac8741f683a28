import type { QemuData } from './data.ts';
import { fileNames } from './files.ts';
import { parsePublish } from './publish.ts';
import { parseShareFolder, type ShareFolder } from './share-folder.ts';

/** What QEMU can run a guest with. */
export type Accelerator = 'kvm' | 'hvf' | 'whpx' | 'tcg';

/** What is decided anew at each start. */
export interface StartChoice {
  readonly platform: NodeJS.Platform;
  readonly accelerator: Accelerator;
  readonly cpuCount: number;
  /** Whether QEMU confines itself with seccomp. */
  readonly sandbox: boolean;
}

/** QEMU's arguments for a machine; file names are relative to the machine's folder. See qemu(1). */
export function qemuArguments(data: QemuData, choice: StartChoice): readonly string[] {
  return [
    ...['-name', escapeValue(data.MachineName)],
    ...['-nodefaults', '-no-user-config'],
    // Its disk controller uses DMA, which spares emulation a fifth of the way to the kernel, and a timer less a tenth.
    ...['-machine', 'q35,hpet=off', '-accel', acceleration[choice.accelerator].accel],
    ...acceleration[choice.accelerator].cpu,
    ...['-smp', String(choice.cpuCount), '-m', String(data.Memory)],
    ...['-rtc', 'base=utc', '-display', 'none', '-vga', 'none'],
    ...['-boot', 'menu=off,strict=on'],
    ...['-drive', `file=${fileNames.image},format=raw,if=none,id=image,media=cdrom,readonly=on`],
    ...['-device', 'ide-cd,drive=image,bus=ide.0,bootindex=0'],
    // Write-back with the guest's flushes honoured: what the guest has synced survives a crash of this computer.
    ...[
      '-drive',
      `file=${fileNames.disk},format=raw,if=none,id=disk,cache=writeback,discard=unmap,detect-zeroes=unmap`,
    ],
    ...['-device', 'virtio-blk-pci,drive=disk'],
    // The firmware boots from the CD drive; our guest reads the same medium here, and needs no driver of CD drives first.
    ...['-drive', `file=${fileNames.image},format=raw,if=none,id=medium,readonly=on`],
    ...['-device', 'virtio-blk-pci,drive=medium'],
    // Without the empty romfile the firmware would spend time on a network boot ROM.
    ...['-netdev', networkBackend(data), '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-device', 'virtio-rng-pci'],
    ...['-chardev', `file,id=console,path=${fileNames.console}`, '-serial', 'chardev:console'],
    ...['-qmp', monitorBackend(data, choice.platform), '-pidfile', fileNames.pid],
    ...data.ShareFolders.map(parseShareFolder).flatMap(shareArguments),
    ...(choice.sandbox ? ['-sandbox', sandbox] : []),
  ];
}

const sandbox = 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny';

const acceleration: { readonly [A in Accelerator]: { readonly accel: string; readonly cpu: readonly string[] } } = {
  kvm: { accel: 'kvm', cpu: ['-cpu', 'host'] },
  hvf: { accel: 'hvf', cpu: ['-cpu', 'host'] },
  // With its own interrupt controller the hypervisor platform loses interrupts; its default processor is the one that works.
  whpx: { accel: 'whpx,kernel-irqchip=off', cpu: [] },
  // A processor without RDRAND would let the guest wait seconds for randomness.
  tcg: { accel: 'tcg,thread=multi', cpu: ['-cpu', 'max'] },
};

function networkBackend(data: QemuData): string {
  const forwards = [
    { host: undefined, hostPort: data.EnginePort, guestPort: 2376 },
    { host: undefined, hostPort: data.SSHPort, guestPort: 22 },
    ...data.Publish.map(parsePublish),
  ];
  const rules = forwards.map(
    ({ host, hostPort, guestPort }) => `hostfwd=tcp:${host ?? data.IPAddress}:${hostPort}-:${guestPort}`,
  );
  return ['user', 'id=net', 'ipv6=off', ...rules].join(',');
}

function monitorBackend(data: QemuData, platform: NodeJS.Platform): string {
  const options = 'server=on,wait=off';
  if (platform === 'win32') return `tcp:127.0.0.1:${data.MonitorPort},${options}`;
  return `unix:${fileNames.monitor},${options}`;
}

/** The guest mounts it by its tag. With `none` new files belong to the user who runs QEMU, as one expects of a shared folder. */
function shareArguments(folder: ShareFolder, index: number): readonly string[] {
  const options = `security_model=none,multidevs=remap${folder.readOnly ? ',readonly=on' : ''}`;
  return [
    ...['-fsdev', `local,id=share${index},path=${escapeValue(folder.directory)},${options}`],
    ...['-device', `virtio-9p-pci,fsdev=share${index},mount_tag=${folder.name}`],
  ];
}

/** A comma ends a value in QEMU's option lists unless it is doubled. */
function escapeValue(text: string): string {
  return text.replaceAll(',', ',,');
}
