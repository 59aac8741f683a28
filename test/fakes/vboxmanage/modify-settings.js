import { needMutable } from './locks.js';
import { unknownOption } from './options.js';
import { comError, Refusal } from './refusal.js';

/** Options of on or off and the setting each changes, where the names differ. */
const switches = {
  ...{ acpi: 'acpi', ioapic: 'ioapic', hpet: 'hpet', pae: 'pae', longmode: 'longmode', hwvirtex: 'hwvirtex' },
  ...{ nestedpaging: 'nestedpaging', largepages: 'largepages', vtxvpid: 'vtxvpid', vtxux: 'vtxux', apic: 'apic' },
  ...{ x2apic: 'x2apic', nestedhwvirt: 'nestedhwvirt', accelerate3d: 'accelerate3d', rtcuseutc: 'rtcuseutc' },
  ...{ pagefusion: 'pagefusion', triplefaultreset: 'triplefaultreset', usb: 'usb', usbohci: 'usb', usbehci: 'ehci' },
  ...{ usbxhci: 'xhci', vrde: 'vrde', audioin: 'audio_in', audioout: 'audio_out' },
};

/** Options whose value is kept as it is, and the setting each changes. */
const words = {
  ...{ chipset: 'chipset', cpuexecutioncap: 'cpuexecutioncap', vram: 'vram', paravirtprovider: 'paravirtprovider' },
  ...{ graphicscontroller: 'graphicscontroller', defaultfrontend: 'defaultfrontend', audio: 'audio' },
  ...{ vmprocesspriority: 'vmprocpriority', clipboardmode: 'clipboard', clipboard: 'clipboard', audiodriver: 'audio' },
  ...{ biosbootmenu: 'bootmenu', firmwarebootmenu: 'bootmenu', draganddrop: 'draganddrop' },
  ...{ boot1: 'boot1', boot2: 'boot2', boot3: 'boot3', boot4: 'boot4' },
};

/** Options that are taken and that no listing shows. */
const silent = new Set([
  ...['bioslogofadein', 'bioslogofadeout', 'bioslogodisplaytime', 'firmwarelogofadein', 'firmwarelogofadeout'],
  ...['firmwarelogodisplaytime', 'cpuhotplug', 'vmexecutionengine', 'guestmemoryballoon', 'mouse', 'keyboard'],
]);

const special = { ostype: setOsType, memory: setMemory, cpus: setCpus, firmware: setFirmware, description: setText };

/** Whether `modifyvm` knows an option (without dashes) about the machine as a whole. */
export function isSetting(name) {
  return (
    name in switches || name in words || silent.has(name) || name in special || /^uart(mode|type)?[1-4]$/.test(name)
  );
}

/** Changes a setting of the machine as a whole. */
export function applySetting(call, entry, option) {
  const { machine } = entry;
  if (option.name === 'audio') {
    call.out.stderr += 'Warning: --audio is deprecated and will be removed soon. Use --audio-driver instead!\n';
  }
  if (option.name in special) return special[option.name](entry, option);
  if (option.name.startsWith('uart')) {
    needMutable(entry, 'COMSETTER(IOAddress)(uVal) at 2680 of VBoxManageModifyVM.cpp');
    return setUart(machine, option);
  }
  needMutable(entry, `COMSETTER(${option.name})(ValueUnion) at 1000 of VBoxManageModifyVM.cpp`);
  if (option.name in switches) machine.settings[switches[option.name]] = readSwitch(option.value);
  else if (option.name in words) machine.settings[words[option.name]] = readWord(option);
}

function readSwitch(value) {
  const known = { on: 'on', yes: 'on', true: 'on', enable: 'on', enabled: 'on', off: 'off', no: 'off', false: 'off' };
  const found = { ...known, disable: 'off', disabled: 'off' }[String(value).toLowerCase()];
  // What cannot be on or off is taken for the next option.
  if (found === undefined) throw unknownOption(value, 'modifyvm');
  return found;
}

/** The real program prints the banner and an error without words for a value that it cannot read. */
function unreadable() {
  return new Refusal([''], { code: 1, usage: 'none' });
}

function readWord({ name, value }) {
  if (name.startsWith('boot') && !['none', 'floppy', 'dvd', 'disk', 'net'].includes(value)) {
    throw new Refusal([`Invalid boot device '${value}'`], { code: 2 });
  }
  return value;
}

function readNumber(value) {
  if (!/^\d+$/.test(value ?? '')) throw unreadable();
  return Number(value);
}

function setMemory(entry, { value }) {
  const size = readNumber(value);
  const context = 'COMSETTER(MemorySize)(ValueUnion.u32) at 988 of VBoxManageModifyVM.cpp';
  needMutable(entry, context);
  if (size < 4 || size > 2097152) {
    const text = `Invalid RAM size: ${size} MB (must be in range [4, 2097152] MB)`;
    throw comError(text, 'NS_ERROR_INVALID_ARG', 'SessionMachine/IMachine', context);
  }
  entry.machine.settings.memory = String(size);
}

function setCpus(entry, { value }) {
  const count = readNumber(value);
  const context = 'COMSETTER(CPUCount)(ValueUnion.u32) at 1083 of VBoxManageModifyVM.cpp';
  needMutable(entry, context);
  if (count < 1 || count > 64) {
    const text = `Invalid virtual CPU count: ${count} (must be in range [1, 64])`;
    throw comError(text, 'NS_ERROR_INVALID_ARG', 'SessionMachine/IMachine', context);
  }
  entry.machine.settings.cpus = String(count);
}

function setOsType(entry, { value }) {
  entry.machine.osType = value;
}

function setFirmware(entry, { value }) {
  const known = ['bios', 'efi', 'efi32', 'efi64'].includes(String(value).toLowerCase());
  if (!known) throw new Refusal([`Invalid --firmware argument '${value}'`]);
  entry.machine.settings.firmware = String(value).toUpperCase();
}

function setText(entry, { value }) {
  entry.machine.description = value;
}

/** `--uart1 0x3F8 4` or `off`; `--uartmode1 file PATH`, `disconnected`, or the name of a device. */
function setUart(machine, { name, value, take }) {
  const uart = machine.uarts[Number(name.at(-1)) - 1];
  if (name.startsWith('uarttype')) return;
  if (name.startsWith('uartmode')) {
    uart.mode = value;
    if (['file', 'server', 'client', 'tcpserver', 'tcpclient'].includes(value)) uart.path = take();
    else delete uart.path;
    return;
  }
  if (value === 'off') {
    delete uart.port;
    return;
  }
  uart.port = `0x${Number(value).toString(16).padStart(4, '0')}`;
  uart.irq = take();
}
