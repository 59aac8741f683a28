import { existsSync, statSync } from 'node:fs';
import { isLive, needMutable, needWriteLock } from './locks.js';
import { readOptions } from './options.js';
import { comError, syntaxError } from './refusal.js';

const shareOptions = {
  ...{ name: 'name', hostpath: 'path', automount: '!automount', readonly: '!readonly', transient: '!transient' },
  'auto-mount-point': 'mountPoint',
};
const createCall =
  'CreateSharedFolder(Bstr(pszName).raw(), Bstr(szAbsHostPath).raw(), fWritable, fAutoMount, ' +
  'Bstr(pszAutoMountPoint).raw()) at 1732 of VBoxManageMisc.cpp';

/** `sharedfolder add` and `remove`. */
export function sharedFolder(call) {
  const [what, which, ...args] = call.args;
  if (!['add', 'remove'].includes(what))
    throw syntaxError(`Unknown subcommand: ${what}`, 'sharedfolder', { repeats: true });
  const [line, place] = what === 'add' ? [1726, 1701] : [1830, 1807];
  const find = `FindMachine(Bstr(pszMachineName).raw(), ptrMachine.asOutParam()) at ${place} of VBoxManageMisc.cpp`;
  const entry = call.machines.find(which, find);
  const { values } = readOptions('sharedfolder', args, shareOptions);
  if (!values.transient) needWriteLock(entry, `${line} of VBoxManageMisc.cpp`);
  if (what === 'add') addShare(entry, values);
  else removeShare(entry, values.name);
  call.machines.save(entry);
}

function addShare(entry, { name, path, readonly, automount, mountPoint }) {
  const { shares } = entry.machine;
  if (path === undefined) throw syntaxError('No host path (--hostpath) was given', 'sharedfolder add');
  if (name.includes(' ')) throw syntaxError(`Invalid shared folder name '${name}': contains space`, 'sharedfolder add');
  needMutable(entry, createCall, { orRunning: true });
  const absolute = path.startsWith('/') ? path : `/${path}`;
  if (shares.some((share) => share.name === name)) {
    const text = `Shared folder named '${name}' already exists`;
    throw comError(text, 'VBOX_E_OBJECT_IN_USE', 'SessionMachine/IMachine', createCall);
  }
  if (!existsSync(absolute) || !statSync(absolute).isDirectory()) {
    const text = `RTPathQueryInfo failed on shared folder path '${absolute}': VERR_FILE_NOT_FOUND`;
    throw comError(text, 'NS_ERROR_INVALID_ARG', 'SharedFolderWrap/ISharedFolder', createCall);
  }
  shares.push({
    name,
    path: absolute,
    writable: !readonly,
    automount: automount === true,
    mountPoint: mountPoint ?? '',
  });
}

function removeShare({ machine }, name) {
  const kept = machine.shares.filter((share) => share.name !== name);
  if (kept.length === machine.shares.length) {
    const context = 'RemoveSharedFolder(Bstr(pszName).raw()) at 1836 of VBoxManageMisc.cpp';
    const text = `Could not find a shared folder named '${name}'`;
    throw comError(text, 'VBOX_E_OBJECT_NOT_FOUND', 'SessionMachine/IMachine', context);
  }
  machine.shares = kept;
}

/** `guestproperty get`, `set`, `delete` (`unset`) and `enumerate`. */
export function guestProperty(call) {
  const [what, which, name, value = ''] = call.args;
  const find = 'FindMachine(Bstr(a->argv[0]).raw(), machine.asOutParam()) at 77 of VBoxManageGuestProp.cpp';
  const locking = 'LockMachine(a->session, LockType_Shared) at 328 of VBoxManageGuestProp.cpp';
  const entry = call.machines.find(which, find, locking);
  const { properties } = entry.machine;
  if (what === 'get') call.out.line(properties[name] ? `Value: ${properties[name].value}` : 'No value set!');
  if (what === 'enumerate') return enumerate(call, entry.machine);
  if (what === 'get') return;
  delete properties[name];
  if (what === 'set') properties[name] = { value, at: `${new Date().toISOString()}` };
  call.machines.save(entry);
}

function enumerate(call, machine) {
  const patterns = call.args
    .slice(2)
    .filter((word) => !word.startsWith('-'))
    .flatMap((word) => word.split('|'));
  const matchers = patterns.map(
    (text) => new RegExp(`^${text.replace(/[.+^${}()[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`),
  );
  const rows = Object.entries(machine.properties)
    .filter(([, { transient }]) => !transient || isLive(machine))
    .filter(([name]) => matchers.length === 0 || matchers.some((matcher) => matcher.test(name)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  const values = Math.max(3, ...rows.map(([, { value }]) => value.length + 2));
  for (const [name, { value, at, transient }] of rows) {
    const flags = transient ? ' TRANSIENT, RDONLYGUEST' : '';
    call.out.line(`${name.padEnd(width)} = ${`'${value}'`.padEnd(values)} @ ${at}${flags}`);
  }
}

/** `setextradata VM|global KEY [VALUE]`. */
export function setExtraData(call) {
  const [which, key, value] = call.args;
  const { extra, done } = extraOf(call, which, 'SetExtraData');
  if (value === undefined) delete extra[key];
  else extra[key] = value;
  done();
}

/** `getextradata VM|global KEY|enumerate`. */
export function getExtraData(call) {
  const [which, key = 'enumerate'] = call.args;
  const { extra } = extraOf(call, which, 'GetExtraData');
  if (key !== 'enumerate') return call.out.line(extra[key] === undefined ? 'No value set!' : `Value: ${extra[key]}`);
  for (const [name, value] of Object.entries(extra).sort()) call.out.line(`Key: ${name}, Value: ${value}`);
}

function extraOf(call, which, verb) {
  if (which === 'global') return { extra: call.home.settings.extra, done: () => {} };
  const line = verb === 'GetExtraData' ? 1378 : 1438;
  const find = `FindMachine(Bstr(a->argv[0]).raw(), machine.asOutParam()) at ${line} of VBoxManageMisc.cpp`;
  const entry = call.machines.find(which, find);
  return { extra: entry.machine.extra, done: () => call.machines.save(entry) };
}
