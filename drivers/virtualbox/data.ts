import type { BaseData, FlagValues, JsonObject, MachinePlace } from 'tmachine/driver';
import type { virtualBoxFlags } from './flags.ts';
import { optionInvalid } from './option-invalid.ts';
import { parseShareFolder } from './share-folder.ts';

/**
 * What the store keeps of a VirtualBox machine: docker-machine's keys with its meanings, then our own. The address is that on
 * the host-only network, `SSHPort` the port of 127.0.0.1 that NAT forwards to the guest's port 22; both are empty until chosen.
 */
export type VirtualBoxData = BaseData & {
  /** docker-machine fills these two with its own objects when it reads them. */
  readonly VBoxManager: JsonObject;
  readonly HostInterfaces: JsonObject;
  /** -1: as many as this computer has. */
  readonly CPU: number;
  /** MiB. */
  readonly Memory: number;
  /** MiB. */
  readonly DiskSize: number;
  readonly NatNicType: string;
  readonly Boot2DockerURL: string;
  readonly Boot2DockerImportVM: string;
  readonly HostDNSResolver: boolean;
  /** Address and prefix length of this computer on the network; empty: to be chosen. */
  readonly HostOnlyCIDR: string;
  readonly HostOnlyNicType: string;
  readonly HostOnlyPromiscMode: string;
  readonly UIType: string;
  readonly HostOnlyNoDHCP: boolean;
  readonly NoShare: boolean;
  readonly DNSProxy: boolean;
  readonly NoVTXCheck: boolean;
  /** The first of `ShareFolders`, because docker-machine knows one only. */
  readonly ShareFolder: string;

  /** All shares asked for, as `DIR:NAME`. */
  readonly ShareFolders: readonly string[];
  /** The VM's identity in VirtualBox, whatever it is called there; empty for docker-machine's until it is learnt. */
  readonly VMID: string;
  /** The address that was asked for; empty: any. */
  readonly RequestedIP: string;
  /** `adapter` (vboxnet0), `network` (VirtualBox 7 on macOS), or empty until it is chosen. */
  readonly HostOnlyKind: '' | 'adapter' | 'network';
  /** VirtualBox's name of the adapter or network; empty until it is chosen. */
  readonly HostOnlyName: string;
  /** Of the host-only card: 12 hexadecimal digits in upper case; empty where VirtualBox chose it and we did not learn it. */
  readonly HostOnlyMAC: string;
  /** Whether a fixed lease on the DHCP server keeps `IPAddress`. */
  readonly FixedLease: boolean;
  /** Whether the guest's serial console goes to a file of the machine's folder. */
  readonly KeepsConsole: boolean;
};

/** What a record of docker-machine's lacks. */
const ownKeys = {
  ShareFolders: [],
  VMID: '',
  RequestedIP: '',
  HostOnlyKind: '',
  HostOnlyName: '',
  HostOnlyMAC: '',
  FixedLease: false,
  KeepsConsole: false,
} as const satisfies Partial<VirtualBoxData>;

/** What older versions of docker-machine did not write yet, with the meaning that its absence has there. */
const laterKeys = {
  VBoxManager: {},
  HostInterfaces: {},
  NatNicType: '82540EM',
  UIType: 'headless',
  HostOnlyNicType: '82540EM',
  HostOnlyPromiscMode: 'deny',
  HostOnlyCIDR: '192.168.99.1/24',
  HostOnlyNoDHCP: false,
  HostDNSResolver: false,
  DNSProxy: true,
  NoShare: false,
  NoVTXCheck: false,
  ShareFolder: '',
  Boot2DockerURL: '',
  Boot2DockerImportVM: '',
} as const satisfies Partial<VirtualBoxData>;

/** A stored record with all keys, docker-machine's own records included. */
export function parseVirtualBoxData(stored: Partial<VirtualBoxData>): VirtualBoxData {
  const present = Object.entries(stored).filter(([, value]) => value !== undefined && value !== null);
  const data = { ...laterKeys, ...ownKeys, ...Object.fromEntries(present) } as unknown as VirtualBoxData;
  const isFromDockerMachine = data.ShareFolders.length === 0 && data.ShareFolder !== '';
  return isFromDockerMachine ? { ...data, ShareFolders: [data.ShareFolder] } : data;
}

/**
 * Flag values to what the store keeps.
 *
 * @throws TmachineError `VIRTUALBOX_OPTION_INVALID` naming the option.
 */
export function configureVirtualBox(values: FlagValues<typeof virtualBoxFlags>, place: MachinePlace): VirtualBoxData {
  const shares = values['virtualbox-share-folder'];
  checkShares(shares);
  checkCpuCount(values['virtualbox-cpu-count']);
  return {
    IPAddress: '',
    MachineName: place.name,
    SSHUser: 'docker',
    SSHPort: 0,
    SSHKeyPath: place.sshKeyPath,
    StorePath: place.storePath,
    SwarmMaster: false,
    SwarmHost: '',
    SwarmDiscovery: '',
    VBoxManager: {},
    HostInterfaces: {},
    CPU: values['virtualbox-cpu-count'],
    Memory: values['virtualbox-memory'],
    DiskSize: values['virtualbox-disk-size'],
    NatNicType: values['virtualbox-nat-nictype'],
    Boot2DockerURL: values['virtualbox-boot2docker-url'],
    Boot2DockerImportVM: values['virtualbox-import-boot2docker-vm'],
    HostDNSResolver: values['virtualbox-host-dns-resolver'],
    HostOnlyCIDR: values['virtualbox-hostonly-cidr'],
    HostOnlyNicType: values['virtualbox-hostonly-nictype'],
    HostOnlyPromiscMode: values['virtualbox-hostonly-nicpromisc'],
    UIType: values['virtualbox-ui-type'],
    HostOnlyNoDHCP: values['virtualbox-hostonly-no-dhcp'],
    NoShare: values['virtualbox-no-share'],
    DNSProxy: !values['virtualbox-no-dns-proxy'],
    NoVTXCheck: values['virtualbox-no-vtx-check'],
    ShareFolder: shares[0] ?? '',
    ...ownKeys,
    ShareFolders: shares,
    RequestedIP: values['virtualbox-ip'],
  };
}

function checkCpuCount(count: number): void {
  const hint = '-1 takes all there are';
  if (count === 0) throw optionInvalid('virtualbox-cpu-count', '0', 'a machine needs a processor', hint);
}

function checkShares(texts: readonly string[]): void {
  const names = texts.map((text) => parseShareFolder(text).name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice < 0) return;
  throw optionInvalid('virtualbox-share-folder', texts[twice] ?? '', `"${names[twice]}" is given twice`);
}
