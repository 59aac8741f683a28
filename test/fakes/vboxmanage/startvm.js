import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { engineOf } from './engine.js';
import { isLocked } from './locks.js';
import { machineFiles, now } from './machines.js';
import { readOptions } from './options.js';
import { comError, Refusal, syntaxError } from './refusal.js';
import { claimedVersion } from './versions.js';

const launching =
  'LaunchVMProcess(a->session, sessionType.raw(), ComSafeArrayAsInParam(aBstrEnv), progress.asOutParam()) ' +
  'at 920 of VBoxManageMisc.cpp';

/** `startvm NAME... --type TYPE`. */
export async function startVm(call) {
  const { values, rest } = readOptions('startvm', call.args, { type: 'type', putenv: 'putenv', password: 'password' });
  if (call.args.length === 0) throw new Refusal([], { code: 1, usage: 'startvm' });
  if (rest.length === 0) throw syntaxError('at least one VM name or uuid required', 'startvm');
  // Each is tried; what went wrong with any is told at the end.
  const lines = [];
  for (const which of rest) {
    try {
      await startOne(call, which, values.type ?? 'gui');
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      lines.push(...error.lines);
    }
  }
  if (lines.length > 0) throw new Refusal(lines);
}

async function startOne(call, which, type) {
  const find = 'FindMachine(Bstr(pszVM).raw(), machine.asOutParam()) at 907 of VBoxManageMisc.cpp';
  const entry = call.machines.find(which, find, launching);
  const { machine } = entry;
  if (isLocked(machine)) {
    const text = `The machine '${machine.name}' is already locked by a session (or being locked or unlocked)`;
    throw comError(text, 'VBOX_E_INVALID_OBJECT_STATE', 'MachineWrap/IMachine', launching);
  }
  checkFrontEnd(call.env, machine, type);
  call.out.line(`Waiting for VM "${which}" to power on...`);
  try {
    checkComputer(call, machine, type);
    checkMedia(machine);
    await run(call, entry, type);
  } catch (error) {
    // A start that failed is a change of state, too.
    if (!(error instanceof Refusal)) throw error;
    machine.state = {
      name: machine.state.name === 'saved' ? 'saved' : 'poweroff',
      since: now(),
      ...keepFile(machine.state),
    };
    call.machines.save(entry);
    throw error;
  }
  call.out.line(`VM "${which}" has been successfully started.`);
}

function keepFile({ file }) {
  return file === undefined ? {} : { file };
}

/** FAKE_VBOX_FRONTENDS names those that are installed besides `headless`. */
function checkFrontEnd(env, machine, type) {
  if (!['gui', 'headless', 'sdl', 'separate'].includes(type)) {
    throw comError(`Invalid frontend name: '${type}'`, 'NS_ERROR_INVALID_ARG', 'MachineWrap/IMachine', launching);
  }
  const installed = (env.FAKE_VBOX_FRONTENDS ?? '').split(',');
  if (type === 'headless' || type === 'sdl' || installed.includes(type)) return;
  const text = `Could not launch the VM process for the machine '${machine.name}' (VERR_FILE_NOT_FOUND)`;
  throw comError(text, 'VBOX_E_IPRT_ERROR', 'MachineWrap/IMachine', launching);
}

function checkComputer(call, machine, type) {
  const kernel = call.env.FAKE_VBOX_KERNEL ?? '';
  if (kernel === 'none' || (type === 'sdl' && !(call.env.FAKE_VBOX_FRONTENDS ?? '').includes('sdl'))) {
    const text = `The virtual machine '${machine.name}' has terminated unexpectedly during startup with exit code 1 (0x1)`;
    throw comError(text, 'NS_ERROR_FAILURE', 'MachineWrap/IMachine!');
  }
  if (kernel === 'no-vtx') throw consoleError('VT-x is not available (VERR_VMX_NO_VMX)');
  for (const { adapter } of machine.nics.filter(({ kind }) => kind === 'hostonly')) {
    if (!call.home.host.adapters.some(({ name }) => name === adapter)) {
      throw consoleError(`Nonexistent host networking interface, name '${adapter}' (VERR_INTERNAL_ERROR)`);
    }
    if (kernel !== 'driverless') continue;
    const network = `HostInterfaceNetworking-${adapter}`;
    const text = `Cannot attach to '${network}' in driverless mode (VERR_SUP_DRIVERLESS).`;
    throw consoleError(`${text}\nFailed to attach the network LUN (VERR_SUP_DRIVERLESS)`);
  }
}

function consoleError(text) {
  return comError(text, 'NS_ERROR_FAILURE', 'ConsoleWrap/IConsole!');
}

function checkMedia(machine) {
  for (const { slots } of machine.controllers) {
    for (const [slot, { type, medium }] of Object.entries(slots)) {
      if (medium === undefined || existsSync(medium)) continue;
      const reason = 'VERR_FILE_NOT_FOUND';
      if (type !== 'dvddrive') throw consoleError(`File not found. (${reason})`);
      throw consoleError(
        `VD: error ${reason} opening image file '${medium}' (${reason}).\n` +
          `Failed to open image '${medium}' in read-only mode (${reason}).\n` +
          `AHCI: Failed to attach drive to Port${slot.split('-')[0]} (${reason})`,
      );
    }
  }
}

async function run(call, entry, type) {
  const { machine } = entry;
  const busy = await busyRules(machine);
  writeLog(entry, call.env, busy);
  const run = await engineOf(call.env).start(call, entry, busy);
  if (machine.state.file !== undefined) rmSync(machine.state.file, { force: true });
  const additions = call.env.FAKE_VBOX_ADDITIONS;
  const guest = additions ? { additions: { version: additions, at: Date.now() } } : {};
  machine.state = { name: 'running', since: now(), session: type, ...guest, ...run };
  setHostProperties(call.env, machine);
  call.machines.save(entry);
}

function setHostProperties(env, machine) {
  const [full, revision] = claimedVersion(env).split(/r(?=\d+$)/);
  const at = new Date().toISOString();
  const set = (name, value) => {
    machine.properties[`/VirtualBox/${name}`] = { value, at, transient: true };
  };
  for (const name of ['HostGuest/SysprepArgs', 'HostGuest/SysprepExec']) set(name, '');
  set('HostInfo/VBoxRev', revision ?? '');
  set('HostInfo/VBoxVer', full.split('_')[0]);
  set('HostInfo/VBoxVerExt', full);
  for (const name of ['VMInfo/ResetCounter', 'VMInfo/ResumeCounter']) set(name, '0');
}

/** The NAT rules whose port on the host someone else has: VirtualBox starts all the same, and says so only in its log. */
async function busyRules(machine) {
  const rules = machine.nics.filter(({ kind }) => kind === 'nat').flatMap((nic) => nic.rules);
  const checked = await Promise.all(rules.map(async (rule) => ({ rule, isFree: await isFree(rule) })));
  return checked.filter(({ isFree }) => !isFree).map(({ rule }) => rule);
}

function isFree(rule) {
  const [, protocol, host, port] = rule.split(',');
  if (protocol !== 'tcp') return true;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(Number(port), host || '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

function writeLog({ file, machine }, env, busy) {
  const { logs } = machineFiles(file);
  mkdirSync(logs, { recursive: true });
  const path = join(logs, 'VBox.log');
  if (existsSync(path)) renameSync(path, `${path}.1`);
  const lines = busy.map((rule) => {
    const [, , , hostPort, , guestPort] = rule.split(',');
    return `00:00:00.500000 NAT: failed to set up redirection of ${hostPort} to ${guestPort}. Probably a conflict with existing services or other rules`;
  });
  const head = `00:00:00.000000 VirtualBox VM ${claimedVersion(env).replace(/r(?=\d+$)/, ' r')} for ${machine.name}`;
  writeFileSync(path, `${[head, ...lines].join('\n')}\n`);
}
