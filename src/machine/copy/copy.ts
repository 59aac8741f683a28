import { isAbsolute, resolve } from 'node:path';
import { TmachineError } from '../../errors/tmachine-error.ts';
import { step } from '../../events/event.ts';
import type { MachineContext } from '../context.ts';
import type { TerminalContext } from '../ssh.ts';
import { copyTrees, type Place } from './copy-trees.ts';
import { openLocalTree } from './local-tree.ts';
import { type Location, parseLocation } from './location.ts';
import { withGuest } from './with-guest.ts';

/** What `scp` was asked to do. */
export interface CopyRequest {
  readonly source: string;
  readonly target: string;
  readonly recursive: boolean;
  /** By rsync, which sends only what differs. */
  readonly delta: boolean;
  /** Says nothing but errors. */
  readonly quiet: boolean;
}

/**
 * Copies files between this computer and a machine, or between machines.
 *
 * @throws TmachineError `MACHINE_NOT_FOUND`, `NOT_RUNNING`, `COPY_REFUSED`, `COPY_FAILED`, `DISK_FULL`, or what SSH says.
 */
export async function copyFiles(request: CopyRequest, outer: TerminalContext): Promise<void> {
  const silent = () => () => undefined;
  const context = request.quiet ? { ...outer, emit: () => undefined, emitFor: silent } : outer;
  const surroundings = { machines: await context.store.names(), platform: context.platform };
  const source = parseLocation(request.source, surroundings);
  const target = parseLocation(request.target, surroundings);
  if (source.kind === 'local' && target.kind === 'local') throw bothLocal(request);
  if (request.delta) {
    const { copyByRsync } = await import('./delta.ts');
    return await copyByRsync({ ...request, source, target }, context);
  }
  await withPlace(source, context, async (from) => {
    await withPlace(target, context, async (to) => {
      const title = `Copying ${request.source} to ${request.target}`;
      await step(context.emit, 'copy', title, async () => {
        await copyTrees({ from, to, recursive: request.recursive }, context);
      });
    });
  });
}

async function withPlace(
  location: Location,
  context: MachineContext,
  work: (place: Place) => Promise<void>,
): Promise<void> {
  if (location.kind === 'local')
    return await work({
      tree: openLocalTree(context.platform),
      path: localPath(location.path, context),
      // A shell of Windows leaves wildcards to the programs.
      hasWildcards: context.platform === 'win32',
    });
  const { openRemoteTree } = await import('./remote-tree.ts');
  await withGuest(location, context, async (guest) => {
    await using sftp = await guest.openFiles();
    const who = location.user === undefined ? '' : `${location.user}@`;
    const tree = openRemoteTree(sftp, `${who}${location.machine}:`);
    await work({ tree, path: location.path, hasWildcards: true });
  });
}

/** With slashes, and still with one at its end where it had one. */
function localPath(path: string, { cwd, platform }: MachineContext): string {
  if (platform !== 'win32') return isAbsolute(path) ? path : `${cwd}/${path}`;
  const end = /([\\/]\.?)$/.exec(path)?.[1] ?? '';
  return `${resolve(cwd, path).replaceAll('\\', '/')}${end.replace('\\', '/')}`;
}

function bothLocal({ source, target }: CopyRequest): TmachineError {
  return new TmachineError(`Neither "${source}" nor "${target}" is in a machine`, {
    code: 'COPY_REFUSED',
    hint: 'name one, such as NAME:path; files of this computer are copied with cp',
  });
}
