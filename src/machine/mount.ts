import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { step } from '../events/event.ts';
import { findProgram } from '../host/find-program.ts';
import { run } from '../host/run.ts';
import { runDaemon } from '../host/run-daemon.ts';
import { quoteWord } from '../ssh/quote.ts';
import type { MachineContext } from './context.ts';
import { type Location, parseLocation } from './copy/location.ts';
import { type MachineLocation, withGuest } from './copy/with-guest.ts';
import { guestAddress } from './guest.ts';
import { howToInstall } from './how-to-install.ts';
import { writeSshConfig } from './ssh-config.ts';

/** What `mount` was asked to show, and where; the same path here where nothing is said. */
export interface MountRequest {
  readonly source: string;
  readonly mountpoint: string | undefined;
}

/**
 * Mounts a folder of a machine by sshfs, with the machine's key and host key.
 *
 * @throws TmachineError `MACHINE_NOT_FOUND`, `NOT_RUNNING`, `PROGRAM_MISSING`, `MOUNT_FAILED`.
 */
export async function mountFolder(request: MountRequest, context: MachineContext): Promise<void> {
  const location = await findMachineFolder(request.source, context);
  const mountpoint = findMountpoint(request.mountpoint ?? location.path, context);
  await requireSshfs(context);
  await requireFolder(mountpoint, context);
  await withGuest(location, context, async (guest, machine) => {
    if ((await guest.run(['test', '-d', location.path])).exitCode !== 0)
      throw failed(
        'mount',
        `"${request.source}" is not a folder`,
        `make it: tmachine ssh ${machine.name} mkdir -p ${quoteWord(quoteWord(location.path))}`,
      );
    const config = await writeSshConfig(machine, await guestAddress(machine));
    const who = location.user === undefined ? '' : `${location.user}@`;
    const args = ['-F', config, '-o', 'reconnect', `${who}${machine.name}:${location.path}`, mountpoint];
    await step(machine.emit, 'mount', `Mounting ${request.source} on ${mountpoint}`, async () => {
      const log = join(machine.files.directory, 'sshfs.log');
      const { exitCode, output } = await runDaemon({ program: 'sshfs', args }, log, context);
      if (exitCode !== 0) throw sshfsFailed(exitCode, output);
    });
  });
}

/** Ends a mount, whether its machine still runs or not. @throws TmachineError `PROGRAM_MISSING`, `MOUNT_FAILED`. */
export async function unmountFolder(request: MountRequest, context: MachineContext): Promise<void> {
  const named = request.mountpoint ?? (await parseSource(request.source, context)).path;
  const mountpoint = findMountpoint(named, context);
  const [program = '', ...before] = await findUnmounter(context);
  const after = context.platform === 'win32' ? ['/delete', '/y'] : [];
  const { exitCode, stderr, stdout } = await run({ program, args: [...before, mountpoint, ...after] }, context);
  if (exitCode === 0) return;
  const said = lastLine(stderr) || lastLine(stdout) || `${program} ended with status ${exitCode}`;
  if (/busy/i.test(said)) throw failed('unmount', said, 'leave the folder in all shells and programs first');
  throw failed(
    'unmount',
    /invalid argument|not (currently )?mounted|not found/i.test(said) ? `nothing is mounted on "${mountpoint}"` : said,
  );
}

/** The first of these that is there; each is given the mount point. */
const unmounters: readonly (readonly string[])[] = [['fusermount3', '-u'], ['fusermount', '-u'], ['umount']];

async function findUnmounter(context: MachineContext): Promise<readonly string[]> {
  if (context.platform === 'win32') return ['net', 'use'];
  // Only Linux has the former ones, which need no root.
  for (const call of context.platform === 'linux' ? unmounters : unmounters.slice(-1))
    if ((await findProgram(call[0] ?? '', context)) !== undefined) return call;
  throw new TmachineError('Cannot unmount: this computer has neither fusermount3, fusermount nor umount', {
    code: 'PROGRAM_MISSING',
    hint: 'install the package fuse3',
  });
}

async function parseSource(source: string, { store, platform }: MachineContext): Promise<Location> {
  return parseLocation(source, { machines: await store.names(), platform });
}

/** Where no machine is named, the folder is one of "default". */
async function findMachineFolder(source: string, context: MachineContext): Promise<MachineLocation> {
  const location = await parseSource(source, context);
  if (location.kind === 'machine') return location;
  await context.store.load('default');
  return { kind: 'machine', machine: 'default', user: undefined, path: location.path };
}

/** A drive of Windows is no path, so it stays as it is. */
function findMountpoint(path: string, { cwd, platform }: MachineContext): string {
  return isAbsolute(path) || (platform === 'win32' && /^[a-z]:$/i.test(path)) ? path : resolve(cwd, path);
}

async function requireSshfs(context: MachineContext): Promise<void> {
  if ((await findProgram('sshfs', context)) === undefined)
    throw new TmachineError('Cannot mount: this computer has no sshfs', {
      code: 'PROGRAM_MISSING',
      hint: howToInstall('sshfs', context.platform),
    });
  if (context.platform !== 'linux') return;
  await access('/dev/fuse', constants.R_OK | constants.W_OK).catch((error: unknown) => {
    const isMissing = isSystemError(error, 'ENOENT');
    throw new TmachineError(`Cannot mount: /dev/fuse ${isMissing ? 'does not exist' : 'cannot be opened'}`, {
      code: 'FUSE_MISSING',
      hint: isMissing
        ? 'load it with "sudo modprobe fuse"; a container needs --device /dev/fuse'
        : 'see who may, with ls -l /dev/fuse',
      cause: error,
    });
  });
}

async function requireFolder(path: string, { platform }: MachineContext): Promise<void> {
  // There the mount point is a free drive letter, or a folder that does not exist.
  if (platform === 'win32') return;
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw failed(
      'mount',
      `"${path}" is not a folder of this computer`,
      `make it: mkdir -p ${quoteWord(path)}, or name another one`,
    );
}

function sshfsFailed(exitCode: number, output: string): TmachineError {
  const said = lastLine(output);
  const hint = /nonempty|not empty/.test(said) ? 'name an empty folder' : undefined;
  return failed('mount', said || `sshfs ended with status ${exitCode}`, hint);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function failed(verb: 'mount' | 'unmount', reason: string, hint?: string): TmachineError {
  return new TmachineError(`Cannot ${verb}: ${reason}`, { code: 'MOUNT_FAILED', hint });
}
