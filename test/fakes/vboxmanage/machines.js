import { randomBytes, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { writeWhole } from './home.js';
import { comError } from './refusal.js';

/** A time as VirtualBox writes it in a machine's settings. */
export function now() {
  return new Date().toISOString().replace('Z', '000000');
}

const osTypes = {
  Other: { description: 'Other/Unknown', effective: 'none' },
  Linux26_64: { description: 'Linux 2.6 / 3.x / 4.x / 5.x (64-bit)', effective: 'kvm', fresh: true },
  Linux_64: { description: 'Other Linux (64-bit)', effective: 'kvm', fresh: true },
};

/** What is known of a guest system by its id; an unknown one is taken as it is. */
export function osType(id) {
  return osTypes[id] ?? { description: id, effective: 'none' };
}

/** A machine as `createvm` makes it. */
export function newMachine({ name, uuid, group = '/', os }) {
  const chosen = os === undefined ? undefined : osType(os);
  const linux = chosen?.fresh === true;
  return {
    ...{ uuid: uuid ?? randomUUID(), name, groups: group, osType: os ?? 'Other', description: '' },
    settings: { ...freshSettings, ...(linux ? { pae: 'off', x2apic: 'on', rtcuseutc: 'on' } : {}) },
    nics: Array.from({ length: 8 }, (_, i) => newNic(linux && i === 0 ? 'nat' : 'none')),
    uarts: Array.from({ length: 4 }, () => ({ mode: 'disconnected' })),
    ...{ controllers: [], shares: [], properties: {}, extra: {}, snapshots: [] },
    state: { name: 'poweroff', since: now() },
  };
}

const freshSettings = {
  ...{ memory: '1024', pagefusion: 'off', vram: '8', cpuexecutioncap: '100', chipset: 'piix3', firmware: 'BIOS' },
  ...{ cpus: '1', hpet: 'off', pae: 'on', longmode: 'on', triplefaultreset: 'off', apic: 'on', x2apic: 'off' },
  ...{ nestedhwvirt: 'off', hwvirtex: 'on', nestedpaging: 'on', largepages: 'off', vtxvpid: 'on', vtxux: 'on' },
  ...{ bootmenu: 'messageandmenu', boot1: 'floppy', boot2: 'dvd', boot3: 'disk', boot4: 'none', acpi: 'on' },
  ...{
    ioapic: 'on',
    rtcuseutc: 'off',
    paravirtprovider: 'default',
    graphicscontroller: 'vboxvga',
    accelerate3d: 'off',
  },
  ...{ defaultfrontend: '', vmprocpriority: 'default', audio: 'default', audio_out: 'off', audio_in: 'off' },
  ...{ vrde: 'off', usb: 'off', ehci: 'off', xhci: 'off', clipboard: 'disabled', draganddrop: 'disabled' },
};

function newNic(kind) {
  const mac = `080027${randomBytes(3).toString('hex').toUpperCase()}`;
  return { kind, type: '82540EM', mac, cable: 'on', promisc: 'deny', natnet: 'nat', localhost: '0', rules: [] };
}

/** The registered machines of a settings folder, in the order of their registration. */
export class Machines {
  constructor(home) {
    this.home = home;
    this.entries = home.settings.machines.map((entry) => ({ ...entry, machine: readMachine(entry.file) }));
  }

  /** Those whose settings file can be read. */
  accessible() {
    return this.entries.filter(({ machine }) => machine !== undefined);
  }

  /** The entry of a name or UUID, or undefined. */
  lookUp(which) {
    const uuid = which.replace(/[{}]/g, '').toLowerCase();
    return this.entries.find((entry) => entry.uuid === uuid) ?? this.entries.find((e) => e.machine?.name === which);
  }

  /**
   * The entry of a name or UUID; refuses as `FindMachine` does.
   *
   * @param {string} which
   * @param {string} context the call and place that VBoxManage names
   * @param {string} [locking] the call and place at which a machine without settings file is refused
   */
  find(which, context, locking) {
    const entry = this.lookUp(which);
    if (entry === undefined) {
      const text = `Could not find a registered machine named '${which}'`;
      throw comError(text, 'VBOX_E_OBJECT_NOT_FOUND', 'VirtualBoxWrap/IVirtualBox', context);
    }
    if (entry.machine === undefined) {
      throw comError('The object functionality is limited', 'E_ACCESSDENIED', 'MachineWrap/IMachine', locking);
    }
    return entry;
  }

  /** Registers a machine at the end of the list. */
  register(file, machine) {
    const entry = { uuid: machine.uuid, file, machine };
    this.entries.push(entry);
    this.home.settings.machines.push({ uuid: machine.uuid, file });
    return entry;
  }

  /** Forgets a machine. */
  unregister(uuid) {
    this.entries = this.entries.filter((entry) => entry.uuid !== uuid);
    this.home.settings.machines = this.home.settings.machines.filter((entry) => entry.uuid !== uuid);
  }

  /** Writes a machine's settings file, and where it is. */
  save(entry) {
    if (existsSync(entry.file)) copyFileSync(entry.file, `${entry.file}-prev`);
    writeMachine(entry.file, entry.machine);
    const known = this.home.settings.machines.find(({ uuid }) => uuid === entry.uuid);
    if (known !== undefined) known.file = entry.file;
  }
}

/** The machine of a settings file; undefined if there is none. */
export function readMachine(file) {
  try {
    return JSON.parse(/<!--stand-in (.*)-->/s.exec(readFileSync(file, 'utf8'))[1]);
  } catch {
    return undefined;
  }
}

/** Writes a settings file: the outside of VirtualBox's own, with all that the stand-in knows in a comment. */
export function writeMachine(file, machine) {
  const { uuid, name, osType: os, state } = machine;
  const saved = state.file === undefined ? '' : ` stateFile="${xml(relative(dirname(file), state.file))}"`;
  const aborted = state.name === 'aborted' ? ' aborted="true"' : '';
  const since = `${state.since.slice(0, 19)}Z`;
  const attributes = `uuid="{${uuid}}" name="${xml(name)}" OSType="${xml(os)}"${saved} snapshotFolder="Snapshots"`;
  const lines = [
    '<?xml version="1.0"?>',
    // Two dashes would end the comment.
    `<!--stand-in ${JSON.stringify(machine).replaceAll('--', '-\\u002d')}-->`,
    '<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux">',
    `  <Machine ${attributes} lastStateChange="${since}"${aborted}>`,
    ...['  </Machine>', '</VirtualBox>', ''],
  ];
  writeWhole(file, lines.join('\n'));
}

function xml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** The names of a machine's files, from its settings file. */
export function machineFiles(file) {
  const folder = dirname(file);
  const stem = join(folder, basename(file, '.vbox'));
  return {
    ...{ folder, snapshots: join(folder, 'Snapshots'), logs: join(folder, 'Logs') },
    ...{ nvram: `${stem}.nvram`, recording: `${stem}-screen0.webm` },
  };
}
