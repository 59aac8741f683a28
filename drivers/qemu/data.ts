import type { BaseData, FlagValues, MachinePlace } from 'tmachine/driver';
import type { qemuFlags } from './flags.ts';
import { isIpv4, isLoopback } from './ipv4.ts';
import { optionInvalid } from './option-invalid.ts';
import { parsePublish } from './publish.ts';
import { parseShareFolder } from './share-folder.ts';

/**
 * What the store keeps of a QEMU machine: docker-machine's base keys, then our own. The address is where engine and SSH are
 * reached, and empty until `create` has chosen it.
 */
export type QemuData = BaseData & {
  /** MiB. */
  readonly Memory: number;
  /** -1: as many as this computer has. */
  readonly CPU: number;
  /** MiB. */
  readonly DiskSize: number;
  readonly Boot2DockerURL: string;
  readonly Accel: string;
  /** The accelerator under which this guest never gave a sign of life; `auto` leaves it alone. */
  readonly FailedAccel: string;
  readonly ShareFolders: readonly string[];
  readonly Publish: readonly string[];
  /** The address that was asked for; empty: any. */
  readonly Address: string;
  readonly EnginePort: number;
  /** The monitor's port where it cannot be a Unix socket, else 0. */
  readonly MonitorPort: number;
  readonly Program: string;
};

/** Where the engine and SSH are reached, as long as nobody else listens there. */
export const defaultPorts = { engine: 2376, ssh: 2222 } as const;

/**
 * Flag values to what the store keeps.
 *
 * @throws TmachineError `QEMU_OPTION_INVALID` naming the option.
 */
export function configureQemu(values: FlagValues<typeof qemuFlags>, place: MachinePlace): QemuData {
  checkAddress(values['qemu-address']);
  checkCpuCount(values['qemu-cpu-count']);
  checkEach('qemu-publish', values['qemu-publish'], publishKey);
  checkEach('qemu-share-folder', values['qemu-share-folder'], (text) => parseShareFolder(text).name);
  return {
    IPAddress: '',
    MachineName: place.name,
    SSHUser: 'docker',
    SSHPort: defaultPorts.ssh,
    SSHKeyPath: place.sshKeyPath,
    StorePath: place.storePath,
    SwarmMaster: false,
    SwarmHost: '',
    SwarmDiscovery: '',
    Memory: values['qemu-memory'],
    CPU: values['qemu-cpu-count'],
    DiskSize: values['qemu-disk-size'],
    Boot2DockerURL: values['qemu-boot2docker-url'],
    Accel: values['qemu-accel'],
    FailedAccel: '',
    ShareFolders: values['qemu-share-folder'],
    Publish: values['qemu-publish'],
    Address: values['qemu-address'],
    EnginePort: defaultPorts.engine,
    MonitorPort: 0,
    Program: values['qemu-program'],
  };
}

function checkAddress(address: string): void {
  if (address === '' || isLoopback(address)) return;
  const reason = isIpv4(address) ? 'it is not a loopback address' : 'it is not an IPv4 address';
  throw optionInvalid('qemu-address', address, reason, 'take one from 127.0.0.1 to 127.255.255.254');
}

function checkCpuCount(count: number): void {
  if (count === 0) throw optionInvalid('qemu-cpu-count', '0', 'a machine needs a processor', '-1 takes all there are');
}

function publishKey(text: string): string {
  const { host, hostPort } = parsePublish(text);
  if (host === undefined && (hostPort === defaultPorts.engine || hostPort === defaultPorts.ssh))
    throw optionInvalid('qemu-publish', text, `port ${hostPort} belongs to the machine itself`, 'take another port');
  return `${host ?? ''}:${hostPort}`;
}

/** Each text must parse, and no two may ask for the same thing. */
function checkEach(flag: string, texts: readonly string[], keyOf: (text: string) => string): void {
  const seen = new Set<string>();
  for (const text of texts) {
    const key = keyOf(text);
    if (seen.has(key)) throw optionInvalid(flag, text, `"${key}" is given twice`);
    seen.add(key);
  }
}
