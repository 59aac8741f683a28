import { parseMachineReadable } from './parse-machine-readable.ts';
import { parseVmState, type VmState } from './parse-vm-state.ts';

/** A VM as `showvminfo --machinereadable` tells of it. */
export interface VmInfo {
  readonly name: string;
  readonly uuid: string;
  readonly state: VmState;
  /** Since when, as VirtualBox prints it. */
  readonly stateSince: string | undefined;
  /** The `.vbox` file, in the words of VBoxManage's system. */
  readonly configFile: string | undefined;
  readonly logFolder: string | undefined;
  readonly memoryMb: number | undefined;
  readonly cpuCount: number | undefined;
  /** Adapters that are on, by number. */
  readonly nics: readonly VmNic[];
  /** Port forwarding of the NAT adapters. */
  readonly natRules: readonly NatRule[];
  readonly sharedFolders: readonly VmSharedFolder[];
  readonly media: readonly VmMedium[];
  /** The file that the first serial port writes to. */
  readonly serialFile: string | undefined;
  /** The front end that holds the VM, such as `headless` or `GUI/Qt`. */
  readonly sessionName: string | undefined;
  readonly raw: ReadonlyMap<string, string>;
}

export interface VmNic {
  readonly number: number;
  /** `nat`, `hostonly`, `hostonlynetwork`, `bridged`, `intnet`, `natnetwork`, `generic`, `null`, ... */
  readonly kind: string;
  /** The adapter or network it is attached to, where it has a name. */
  readonly attachedTo: string | undefined;
  /** Twelve hexadecimal digits in upper case, as VirtualBox prints it. */
  readonly macAddress: string;
  /** The kind of card, such as `82540EM` or `virtio`. */
  readonly type: string;
  readonly isCableConnected: boolean;
}

export interface NatRule {
  readonly name: string;
  readonly protocol: string;
  readonly hostAddress: string;
  readonly hostPort: number;
  readonly guestAddress: string;
  readonly guestPort: number;
}

export interface VmSharedFolder {
  readonly name: string;
  readonly path: string;
  /** Kept in the settings, or only until the VM stops. */
  readonly isPermanent: boolean;
}

export interface VmMedium {
  readonly controller: string;
  readonly port: number;
  readonly device: number;
  /** A path, or `emptydrive`. */
  readonly path: string;
  readonly uuid: string | undefined;
}

/** Reads the answer of `showvminfo NAME --machinereadable`, of any version since 5.2. */
export function parseVmInfo(text: string): VmInfo {
  const raw = parseMachineReadable(text);
  const name = raw.get('name') ?? '';
  const state = name === '<inaccessible>' ? 'inaccessible' : parseVmState(raw.get('VMState') ?? '');
  return {
    name,
    uuid: raw.get('UUID') ?? '',
    state,
    stateSince: raw.get('VMStateChangeTime'),
    configFile: raw.get('CfgFile'),
    logFolder: raw.get('LogFldr'),
    memoryMb: numberOf(raw.get('memory')),
    cpuCount: numberOf(raw.get('cpus')),
    nics: nicsOf(raw),
    natRules: natRulesOf(raw),
    sharedFolders: sharedFoldersOf(raw),
    media: mediaOf(raw),
    serialFile: /^file,(.+)$/.exec(raw.get('uartmode1') ?? '')?.[1],
    sessionName: raw.get('SessionName') || raw.get('SessionType') || undefined,
    raw,
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

const attachments = [
  'hostonlyadapter',
  'hostonly-network',
  'hostonlynet',
  'bridgeadapter',
  'intnet',
  'nat-network',
  'natnet',
];

function nicsOf(raw: ReadonlyMap<string, string>): readonly VmNic[] {
  return [...raw].flatMap(([key, kind]) => {
    const number = numberOf(/^nic(\d+)$/.exec(key)?.[1]);
    if (number === undefined || kind === 'none') return [];
    return {
      number,
      kind,
      attachedTo: attachments.map((word) => raw.get(`${word}${number}`)).find((name) => name !== undefined),
      macAddress: (raw.get(`macaddress${number}`) ?? '').toUpperCase(),
      type: raw.get(`nictype${number}`) ?? '',
      isCableConnected: raw.get(`cableconnected${number}`) !== 'off',
    };
  });
}

function natRulesOf(raw: ReadonlyMap<string, string>): readonly NatRule[] {
  return [...raw].flatMap(([key, value]) => {
    if (!/^Forwarding\(\d+\)$/.test(key)) return [];
    // The name is the user's and may hold commas; the other five fields may not.
    const fields = value.split(',');
    const [protocol, hostAddress, hostPort, guestAddress, guestPort] = fields.slice(-5);
    if (fields.length < 6) return [];
    return {
      name: fields.slice(0, -5).join(','),
      protocol: protocol ?? '',
      hostAddress: hostAddress ?? '',
      hostPort: Number(hostPort),
      guestAddress: guestAddress ?? '',
      guestPort: Number(guestPort),
    };
  });
}

function sharedFoldersOf(raw: ReadonlyMap<string, string>): readonly VmSharedFolder[] {
  return [...raw].flatMap(([key, name]) => {
    const [, kind, number] = /^SharedFolderName(Machine|Transient|Global)Mapping(\d+)$/.exec(key) ?? [];
    if (kind === undefined) return [];
    const path = raw.get(`SharedFolderPath${kind}Mapping${number}`) ?? '';
    return { name, path, isPermanent: kind !== 'Transient' };
  });
}

function mediaOf(raw: ReadonlyMap<string, string>): readonly VmMedium[] {
  const controllers = [...raw].flatMap(([key, name]) => (/^storagecontrollername\d+$/.test(key) ? name : []));
  return [...raw].flatMap(([key, path]) => {
    const controller = controllers.find((name) => key.startsWith(`${name}-`));
    const [, port, device] = /^-(\d+)-(\d+)$/.exec(controller === undefined ? '' : key.slice(controller.length)) ?? [];
    if (controller === undefined || port === undefined || path === 'none') return [];
    const uuid = raw.get(`${controller}-ImageUUID-${port}-${device}`);
    return { controller, port: Number(port), device: Number(device), path, uuid };
  });
}
