import { needMutable, needWriteLock } from './locks.js';
import { openMedium } from './media.js';
import { readOptions } from './options.js';
import { comError, Refusal, syntaxError } from './refusal.js';

const file = 'VBoxManageStorageController.cpp';
const buses = {
  ide: { bus: 'IDE', type: 'PIIX4', ports: 2, maxPorts: 2, devices: 2, line: 1082 },
  sata: { bus: 'SATA', type: 'IntelAhci', ports: 30, maxPorts: 30, devices: 1, line: 1088 },
  scsi: { bus: 'SCSI', type: 'LsiLogic', ports: 16, maxPorts: 16, devices: 1, line: 1094 },
  'virtio-scsi': { bus: 'VirtioSCSI', type: 'VirtioSCSI', ports: 1, maxPorts: 256, devices: 1, line: 1118 },
};

const controllerOptions = {
  ...{ name: 'name', add: 'add', controller: 'chip', portcount: 'ports', hostiocache: 'cache', bootable: 'bootable' },
  ...{ remove: '!remove' },
};

/** `storagectl`: adds or removes a storage controller. */
export function storageCtl(call) {
  const [which, ...args] = call.args;
  const entry = call.machines.find(
    which,
    `FindMachine(Bstr(a->argv[0]).raw(), machine.asOutParam()) at 1054 of ${file}`,
  );
  needWriteLock(entry, `1058 of ${file}`);
  const { values } = readOptions('storagectl', args, controllerOptions);
  if (values.add !== undefined) addController(entry, values);
  if (values.remove) removeController(entry, values.name);
  call.machines.save(entry);
}

function addController(entry, { name, add, ports }) {
  const { machine } = entry;
  if (buses[String(add).toLowerCase()] === undefined) throw new Refusal([`Invalid --add argument '${add}'`]);
  const { bus, line, ...kind } = buses[String(add).toLowerCase()];
  const context = `AddStorageController(Bstr(pszCtl).raw(), StorageBus_${bus}, ctl.asOutParam()) at ${line} of ${file}`;
  needMutable(entry, context);
  if (machine.controllers.some((known) => known.name === name)) {
    const text = `Storage controller named '${name}' already exists`;
    throw comError(text, 'VBOX_E_OBJECT_IN_USE', 'SessionMachine/IMachine', context);
  }
  if (machine.controllers.some((known) => known.type === kind.type)) {
    const text = 'Too many storage controllers of this type';
    throw comError(text, 'NS_ERROR_INVALID_ARG', 'StorageControllerWrap/IStorageController', context);
  }
  machine.controllers.push({ name, ...kind, ports: ports === undefined ? kind.ports : Number(ports), slots: {} });
}

function removeController({ machine }, name) {
  const kept = machine.controllers.filter((known) => known.name !== name);
  if (kept.length === machine.controllers.length) {
    const text = `Could not find a storage controller named '${name}'`;
    const context = `RemoveStorageController(Bstr(pszCtl).raw()) at 1072 of ${file}`;
    throw comError(text, 'VBOX_E_OBJECT_NOT_FOUND', 'SessionMachine/IMachine', context);
  }
  machine.controllers = kept;
}

const attachOptions = {
  ...{ storagectl: 'controller', port: 'port', device: 'device', type: 'type', medium: 'medium', mtype: 'mtype' },
  ...{ nonrotational: 'nonrotational', discard: 'discard', hotpluggable: 'hotpluggable', forceunmount: '!force' },
};

/** `storageattach`: puts a medium or an empty drive at a place of a controller, or takes it away. */
export function storageAttach(call) {
  const [which, ...args] = call.args;
  const entry = call.machines.find(
    which,
    `FindMachine(Bstr(a->argv[0]).raw(), machine.asOutParam()) at 339 of ${file}`,
  );
  const { values } = readOptions('storageattach', args, attachOptions);
  if (values.controller === undefined) throw syntaxError('Storage controller name not specified', 'storageattach');
  const controller = entry.machine.controllers.find(({ name }) => name === values.controller);
  if (controller === undefined) throw new Refusal([`Could not find a controller named '${values.controller}'`]);
  const [port, device] = [values.port ?? '0', values.device ?? '0'];
  const slot = `${port}-${device}`;
  growController(controller, Number(port));
  if (values.medium === 'none') detach(entry, controller, { port, device, slot });
  else attach(call, entry, { controller, slot, values });
  call.machines.save(entry);
}

/** A controller grows with what is put into it. */
function growController(controller, port) {
  if (port < controller.maxPorts) controller.ports = Math.max(controller.ports, port + 1);
}

function detach(entry, controller, { port, device, slot }) {
  const context = `DetachDevice(Bstr(pszCtl).raw(), port, device) at 413 of ${file}`;
  needMutable(entry, context, { orRunning: true });
  if (controller.slots[slot] === undefined) {
    const text = `No storage device attached to device slot ${device} on port ${port} of controller '${controller.name}'`;
    throw comError(text, 'VBOX_E_OBJECT_NOT_FOUND', 'SessionMachine/IMachine', context);
  }
  delete controller.slots[slot];
}

function attach(call, entry, { controller, slot, values }) {
  const type = values.type ?? controller.slots[slot]?.type;
  if (type === undefined) throw new Refusal(['Argument --type must be specified']);
  needMutable(entry, `AttachDevice(Bstr(pszCtl).raw(), port, device, DeviceType) at 700 of ${file}`, {
    orRunning: true,
  });
  if (values.medium === 'emptydrive') {
    controller.slots[slot] = { type: 'dvddrive' };
    return;
  }
  const medium = openMedium(call, values.medium, type === 'dvddrive' ? 'dvd' : 'hdd', true);
  checkPlace(entry, { controller, slot, medium });
  controller.slots[slot] = { type, medium: medium.path, uuid: medium.uuid };
}

function checkPlace({ machine }, { controller, slot, medium }) {
  const [port, device] = slot.split('-').map(Number);
  const kind = medium.kind === 'dvd' ? 'DVD' : 'HardDisk';
  const context = `AttachDevice(Bstr(pszCtl).raw(), port, device, DeviceType_${kind}, pMedium2Mount) at 782 of ${file}`;
  if (port >= controller.ports || device >= controller.devices) {
    const ports = `port=${port} (must be in range [0, ${controller.ports - 1}])`;
    const devices = `device=${device} (must be in range [0, ${controller.devices - 1}])`;
    const text = `The port and/or device parameter are out of range: ${ports}, ${devices}`;
    throw comError(text, 'NS_ERROR_INVALID_ARG', 'StorageControllerWrap/IStorageController', context);
  }
  const places = machine.controllers.flatMap((c) => Object.entries(c.slots).map(([at, drive]) => ({ c, at, drive })));
  const isElsewhere = ({ c, at, drive }) => drive.medium === medium.path && (c !== controller || at !== slot);
  if (medium.kind === 'hdd' && places.some(isElsewhere)) {
    const text = `Medium '${medium.path}' is already attached to this virtual machine`;
    throw comError(text, 'VBOX_E_OBJECT_IN_USE', 'SessionMachine/IMachine', context);
  }
}
