// Installs what the tests call, where Debian's package manager and the rights to use it are there.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { testPackages } from './test-packages.js';

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

function canAccess(path, mode) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Whether a program is on PATH, or a file can be read. */
export function isThere(name) {
  if (name.startsWith('/')) return canAccess(name, constants.R_OK);
  return folders.some((folder) => canAccess(join(folder, name), constants.X_OK));
}

function listMissing() {
  return Object.keys(testPackages).filter((name) => !isThere(name));
}

/** Nobody is there to answer a question, so none may be asked. */
function aptGet(args) {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const [program, ...words] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
  return spawnSync(program, words, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

function packagesOf(names) {
  return [...new Set(names.map((name) => choosePackage(testPackages[name].split(' | '))))];
}

function choosePackage(alternatives) {
  const isKnown = (name) => spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0;
  return alternatives.length === 1 ? alternatives[0] : (alternatives.find(isKnown) ?? alternatives.at(-1));
}

function install(packages) {
  return aptGet(['install', '-y', '--no-install-recommends', ...packages]);
}

/** Installs what is missing; returns the names of what is missing still. */
export function installTestPackages() {
  const missing = listMissing();
  if (missing.length === 0 || !isThere('apt-get')) return missing;
  const packages = packagesOf(missing);
  console.log(`Installing what the tests call: ${packages.join(' ')}`);
  // Together it is quicker; one by one a package this system does not have stops no other.
  if (install(packages)) return listMissing();
  aptGet(['update']);
  const updated = packagesOf(missing);
  if (!install(updated) && updated.length > 1) for (const name of updated) install([name]);
  return listMissing();
}
