import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder of VirtualBox's settings. */
export function userHome(env) {
  return env.VBOX_USER_HOME || join(env.HOME || homedir(), '.config', 'VirtualBox');
}

/** What a fresh installation knows: no machine, and a DHCP server for an adapter that is not there yet. */
function freshSettings() {
  const ip = (last) => `192.168.56.${last}`;
  const name = 'HostInterfaceNetworking-vboxnet0';
  const server = { name, ip: ip(100), mask: '255.255.255.0', lower: ip(101), upper: ip(254), enabled: true };
  return { machines: [], dhcpServers: [{ ...server, configs: [] }], media: [], extra: {}, hostOnlyNets: [] };
}

/** Reads a JSON file, or gives `otherwise()` where there is none. */
export function readJson(path, otherwise) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return otherwise();
  }
}

/** Writes a JSON file as a whole or not at all. */
export function writeJson(path, value) {
  writeWhole(path, `${JSON.stringify(value, null, 1)}\n`);
}

/** Writes a file as a whole or not at all. */
export function writeWhole(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** VirtualBox's settings in a folder: `load()`, `save()`; what the computer has of adapters is in a folder of its own. */
export function openHome(env) {
  const folder = userHome(env);
  const settingsFile = join(folder, 'settings.json');
  // Adapters belong to the computer, not to a settings folder: FAKE_VBOX_HOST names the folder they are shared through.
  const hostFile = join(env.FAKE_VBOX_HOST || folder, 'host.json');
  const settings = readJson(settingsFile, freshSettings);
  const host = readJson(hostFile, () => ({ adapters: [] }));
  return {
    ...{ folder, settings, host },
    save() {
      writeJson(settingsFile, settings);
      writeJson(hostFile, host);
    },
  };
}

/**
 * Runs `action` while no other call works with the same folder, as VirtualBox's service lets one change things at a time.
 * The lock of a process that was killed is taken over.
 */
export async function withHomeLock(folder, action) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lock');
  while (!takeLock(path)) await new Promise((resolve) => setTimeout(resolve, 3));
  try {
    return await action();
  } finally {
    rmSync(path, { force: true });
  }
}

function takeLock(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  takeOver(path);
  return false;
}

/** Removes the lock of a process that is gone; only one process at a time may, or it would remove a new one. */
function takeOver(path) {
  const owner = Number(readText(path));
  if (!(owner > 0) || isAlive(owner)) return;
  try {
    mkdirSync(`${path}.taking`);
  } catch {
    return;
  }
  if (Number(readText(path)) === owner) rmSync(path, { force: true });
  rmSync(`${path}.taking`, { recursive: true, force: true });
}

/** A file's text; empty where there is none. */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Whether a process of this id runs; one that has ended and that nobody has asked about is not alive. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  return !/^State:\s+[ZX]/m.test(readText(`/proc/${pid}/status`));
}
