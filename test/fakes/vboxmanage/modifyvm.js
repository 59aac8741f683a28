import { existsSync, renameSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { needWriteLock } from './locks.js';
import { applyNic, isNicOption } from './modify-nic.js';
import { applySetting, isSetting } from './modify-settings.js';
import { splitOption, unknownOption } from './options.js';
import { comError, syntaxError } from './refusal.js';
import { isAtLeast } from './versions.js';

/** `modifyvm`: all of its changes or none, as the real one saves the settings at the end. */
export function modifyVm(call) {
  const [which, ...args] = call.args;
  const locking = 'LockMachine(a->session, LockType_Write) at 901 of VBoxManageModifyVM.cpp';
  if (args.length === 0) throw syntaxError('Not enough parameters', 'modifyvm', { repeats: true });
  const find = 'FindMachine(Bstr(a->argv[0]).raw(), machine.asOutParam()) at 893 of VBoxManageModifyVM.cpp';
  const entry = call.machines.find(which, find, locking);
  needWriteLock(entry, '901 of VBoxManageModifyVM.cpp');
  const queue = [...args];
  while (queue.length > 0) applyOption(call, entry, queue);
  call.machines.save(entry);
}

function applyOption(call, entry, queue) {
  const arg = queue.shift();
  if (!arg.startsWith('-')) throw syntaxError(`Invalid parameter '${arg}'`, 'modifyvm', { code: 1, repeats: true });
  const { name, value } = splitOption(arg);
  if (!isKnown(call.env, name)) throw unknownOption(arg, 'modifyvm');
  // Both spellings that the program knows: --natdnshostresolver1 and --nat-dns-host-resolver1, --hpet and --x86-hpet.
  const plain = name.replace(/^x86-/, '').replaceAll('-', '');
  const take = () => queue.shift();
  if (value === undefined && queue.length === 0) {
    const text = `${arg}: RTGetOpt: Command line option needs argument.`;
    throw syntaxError(text, 'modifyvm', { code: 1, repeats: true, tight: true });
  }
  const option = { arg, name: plain, value: value ?? take(), take, queue };
  if (plain === 'name') return rename(entry, option.value);
  if (plain === 'groups') {
    entry.machine.groups = option.value;
    return;
  }
  if (isNicOption(plain)) return applyNic(call, entry, option);
  if (!isSetting(plain)) throw unknownOption(arg, 'modifyvm');
  applySetting(call, entry, option);
}

/** Until 7.0 almost no name had a hyphen in it, and a NAT engine could not be told to reach this computer's loopback. */
function isKnown(env, name) {
  if (isAtLeast(env, '7.0.0')) return true;
  return !name.startsWith('natlocalhost') && (!name.includes('-') || name === 'nested-hw-virt');
}

/** The machine's folder is named after it, and moves with it. */
function rename(entry, name) {
  const { machine, file } = entry;
  if (machine.name === name) return;
  const folder = dirname(file);
  const isOwnFolder = basename(folder) === basename(file, '.vbox');
  const target = isOwnFolder ? join(dirname(folder), name) : folder;
  if (isOwnFolder && existsSync(target)) {
    const text = `Could not rename the directory '${folder}' to '${target}' to save the settings file (VERR_ALREADY_EXISTS)`;
    const context = 'SaveSettings() at 3863 of VBoxManageModifyVM.cpp';
    throw comError(text, 'NS_ERROR_FAILURE', 'SessionMachine/IMachine', context);
  }
  if (isOwnFolder) renameSync(folder, target);
  machine.name = name;
  if (machine.state.file !== undefined) machine.state.file = join(target, relative(folder, machine.state.file));
  entry.file = join(target, `${name}.vbox`);
  for (const suffix of ['', '-prev']) {
    const old = join(target, `${basename(file)}${suffix}`);
    if (existsSync(old)) renameSync(old, `${entry.file}${suffix}`);
  }
}
