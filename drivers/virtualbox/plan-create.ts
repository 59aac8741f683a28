import type { VirtualBoxData } from './data.ts';
import { planSshRule } from './nat-port.ts';

/** What a new VM is made from, beside the stored data; paths are such as VBoxManage understands. */
export interface VmParts {
  /** Where VirtualBox makes the VM's own folder. */
  readonly baseFolder: string;
  readonly imagePath: string;
  readonly diskPath: string;
  readonly consolePath: string;
  readonly cpuCount: number;
  /** The words that attach the second card to the host-only network. */
  readonly nicArgs: readonly string[];
}

/** VirtualBox allows more, but no more than 32 of them pay off. */
const mostProcessors = 32;

/** The number of processors for `--virtualbox-cpu-count`: all of this computer for -1. */
export function planCpuCount(wanted: number, available: number): number {
  return Math.min(wanted < 1 ? available : wanted, mostProcessors);
}

/** The settings docker-machine gives its VMs; names that 5.2 knows, and that 7.2 still does. */
const fixedSettings = [
  ['--firmware', 'bios'],
  ['--bioslogofadein', 'off'],
  ['--bioslogofadeout', 'off'],
  ['--bioslogodisplaytime', '0'],
  ['--biosbootmenu', 'disabled'],
  ['--ostype', 'Linux26_64'],
  ['--acpi', 'on'],
  ['--ioapic', 'on'],
  ['--rtcuseutc', 'on'],
  ['--cpuhotplug', 'off'],
  ['--pae', 'on'],
  ['--hpet', 'on'],
  ['--hwvirtex', 'on'],
  ['--nestedpaging', 'on'],
  ['--largepages', 'on'],
  ['--vtxvpid', 'on'],
  ['--accelerate3d', 'off'],
  ['--boot1', 'dvd'],
] as const;

/** `createvm`: an identity of our own choosing, so that what a killed process left is found. */
export function planCreateVm(name: string, identity: string, baseFolder: string): readonly string[] {
  return ['createvm', '--basefolder', baseFolder, '--name', name, '--uuid', identity, '--register'];
}

/** All settings of a new VM in one `modifyvm`. */
export function planVmSettings(data: VirtualBoxData, parts: VmParts): readonly string[] {
  const { CPU, Memory, NatNicType, HostOnlyNicType, HostOnlyPromiscMode, HostOnlyMAC } = data;
  return [
    ...['modifyvm', data.VMID],
    ...fixedSettings.flat(),
    ...['--cpus', String(planCpuCount(CPU, parts.cpuCount)), '--memory', String(Memory)],
    ...['--natdnshostresolver1', onOff(data.HostDNSResolver), '--natdnsproxy1', onOff(data.DNSProxy)],
    ...['--nic1', 'nat', '--nictype1', NatNicType, '--cableconnected1', 'on', ...planSshRule(data.SSHPort, false)],
    ...parts.nicArgs,
    ...['--nictype2', HostOnlyNicType, '--nicpromisc2', HostOnlyPromiscMode, '--cableconnected2', 'on'],
    ...(HostOnlyMAC === '' ? [] : ['--macaddress2', HostOnlyMAC]),
    ...(data.KeepsConsole ? ['--uart1', '0x3F8', '4', '--uartmode1', 'file', parts.consolePath] : []),
  ];
}

/** The controller and the two drives, as docker-machine has them. */
export function planStorage(vm: string, parts: VmParts): readonly (readonly string[])[] {
  const attach = (port: string, type: string, medium: string): readonly string[] => [
    ...['storageattach', vm, '--storagectl', 'SATA', '--port', port, '--device', '0'],
    ...['--type', type, '--medium', medium],
  ];
  return [
    ['storagectl', vm, '--name', 'SATA', '--add', 'sata', '--hostiocache', 'on'],
    attach('0', 'dvddrive', parts.imagePath),
    attach('1', 'hdd', parts.diskPath),
  ];
}

function onOff(value: boolean): string {
  return value ? 'on' : 'off';
}
