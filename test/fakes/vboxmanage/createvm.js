import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newMachine, readMachine } from './machines.js';
import { readOptions } from './options.js';
import { comError, Refusal, syntaxError } from './refusal.js';

const options = {
  ...{ name: 'name', basefolder: 'basefolder', ostype: 'os', groups: 'group', uuid: 'uuid', register: '!register' },
  ...{ default: '!default', 'platform-architecture': 'platform', 'os-type': 'os' },
};
const uuidPattern = /^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;
/** The families of guest systems that VirtualBox has types of. */
const osPattern =
  /^(Other|Linux|Arch|Debian|Fedora|Gentoo|Mandriva|openSUSE|Oracle|RedHat|Ubuntu|Win|FreeBSD|MacOS|Solaris)\w*$/;
const createCall =
  'CreateMachine(bstrSettingsFile.raw(), bstrName.raw(), platformArch, ComSafeArrayAsInParam(groups), ' +
  'bstrOsTypeId.raw(), createFlags.raw(), bstrCipher.raw(), bstrPasswordId.raw(), Bstr(strPassword).raw(), ' +
  'machine.asOutParam()) at 429 of VBoxManageMisc.cpp';

/** `createvm`: makes a machine's folder and settings file, and registers it with `--register`. */
export function createVm(call) {
  const { values } = readOptions('createvm', call.args, options);
  const { name, basefolder, register, uuid, os } = values;
  if (name === undefined) throw syntaxError('Parameter --name is required', 'createvm');
  if (uuid !== undefined && !uuidPattern.test(uuid)) throw new Refusal([''], { code: 2, usage: 'none' });
  if (os !== undefined && !osPattern.test(os)) throw new Refusal(['Unknown or invalid guest OS type given.']);
  const base = basefolder ?? join(call.env.HOME ?? '/', 'VirtualBox VMs');
  // VirtualBox replaces what a file name may not have.
  const stem = name.replace(/[/\\:*?"<>|]/g, '_');
  const folder = join(base, ...(values.group ?? '/').split('/'), stem);
  const file = join(folder, `${stem}.vbox`);
  if (existsSync(file)) {
    throw comError(
      `Machine settings file '${file}' already exists`,
      'VBOX_E_FILE_ERROR',
      'MachineWrap/IMachine',
      createCall,
    );
  }
  makeFolder(folder);
  const machine = newMachine({ name, uuid, os, group: values.group });
  if (register && call.machines.lookUp(machine.uuid) !== undefined) {
    // The settings file is there by then.
    call.machines.save({ uuid: machine.uuid, file, machine });
    throw sameUuid(call, machine.uuid);
  }
  const entry = register ? call.machines.register(file, machine) : { uuid: machine.uuid, file, machine };
  call.machines.save(entry);
  call.out.line(`Virtual machine '${name}' is created${register ? ' and registered' : ''}.`);
  call.out.line(`UUID: ${machine.uuid}`);
  call.out.line(`Settings file: '${file}'`);
}

function sameUuid(call, uuid) {
  const { file } = call.machines.lookUp(uuid);
  const text = `Registered machine with UUID {${uuid}} ('${file}') already exists`;
  const context = 'RegisterMachine(machine) at 450 of VBoxManageMisc.cpp';
  return comError(text, 'NS_ERROR_INVALID_ARG', 'VirtualBoxWrap/IVirtualBox', context);
}

function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = { EACCES: 'VERR_ACCESS_DENIED', ENOSPC: 'VERR_DISK_FULL' }[error.code] ?? 'VERR_FILE_NOT_FOUND';
    const text = `Could not create a directory '${folder}' to save the settings file (${reason})`;
    throw comError(text, 'NS_ERROR_FAILURE', 'MachineWrap/IMachine', 'SaveSettings() at 441 of VBoxManageMisc.cpp');
  }
}

const openCall =
  'OpenMachine(Bstr(a->argv[0]).raw(), Bstr(strPassword).raw(), machine.asOutParam())) at 159 of VBoxManageMisc.cpp';

/** `registervm`: makes a settings file known again. */
export function registerVm(call) {
  const [file = ''] = call.args;
  const machine = readMachine(file);
  if (machine === undefined) {
    const source = '/build/reproducible-path/virtualbox-7.2.22-dfsg/src/VBox/Main/src-server/MachineImpl.cpp[706]';
    const types = 'VirtualBox*, const com::Utf8Str&, const com::Guid*, const com::Utf8Str&';
    const text =
      `Runtime error opening '${file}' for reading VERR_FILE_NOT_FOUND (File not found.).\n` +
      `${source} (nsresult Machine::initFromSettings(${types}))`;
    throw comError(text, 'NS_ERROR_FAILURE', 'MachineWrap/IMachine', openCall);
  }
  if (call.machines.lookUp(machine.uuid) !== undefined) {
    const text = `Trying to open a VM config '${file}' which has the same UUID as an existing virtual machine`;
    throw comError(text, 'NS_ERROR_FAILURE', 'MachineWrap/IMachine', openCall);
  }
  call.machines.register(file, machine);
}
