import { TmachineError } from '../../errors/tmachine-error.ts';
import { findProgram } from '../../host/find-program.ts';
import { runAttached } from '../../host/run-attached.ts';
import type { Guest } from '../../ssh/guest.ts';
import { guestAddress } from '../guest.ts';
import { howToInstall } from '../how-to-install.ts';
import type { TerminalContext } from '../ssh.ts';
import { writeSshConfig } from '../ssh-config.ts';
import type { Location } from './location.ts';
import { planRsync } from './plan-rsync.ts';
import { type MachineLocation, withGuest } from './with-guest.ts';

/** Between which places, and how. */
export interface DeltaRequest {
  readonly source: Location;
  readonly target: Location;
  readonly recursive: boolean;
  readonly quiet: boolean;
}

/**
 * Has rsync copy what differs, over the system's `ssh` with this machine's key and host key.
 *
 * @throws TmachineError `COPY_REFUSED`, `PROGRAM_MISSING`, `COPY_FAILED`.
 */
export async function copyByRsync(request: DeltaRequest, context: TerminalContext): Promise<void> {
  const machine = machineOf(request);
  for (const program of ['rsync', 'ssh'])
    if ((await findProgram(program, context)) === undefined)
      throw new TmachineError(`Cannot copy by --delta: this computer has no ${program}`, {
        code: 'PROGRAM_MISSING',
        hint: `${howToInstall(program === 'ssh' ? 'OpenSSH' : 'rsync', context.platform)}, or copy without --delta`,
      });
  await withGuest(machine, context, async (guest, opened) => {
    await requireRemoteRsync(guest, machine.machine);
    const sshConfig = await writeSshConfig(opened, await guestAddress(opened, machine.user));
    const exitCode = await context.withTerminal(async ({ stderr }) => {
      const args = planRsync({ ...request, shows: stderr.isTTY, sshConfig });
      const { env, signal } = context;
      return await runAttached({ program: 'rsync', args }, { env, signal, answerToStderr: true });
    });
    if (exitCode !== 0)
      throw new TmachineError(`rsync ended with status ${exitCode}; what it said is above`, { code: 'COPY_FAILED' });
  });
}

function machineOf({ source, target }: DeltaRequest): MachineLocation {
  if (source.kind === 'local' && target.kind === 'machine') return target;
  if (source.kind === 'machine' && target.kind === 'local') return source;
  throw new TmachineError('rsync cannot copy from one machine to another', {
    code: 'COPY_REFUSED',
    hint: 'copy without --delta, which passes the bytes through this computer',
  });
}

async function requireRemoteRsync(guest: Guest, name: string): Promise<void> {
  if ((await guest.run('command -v rsync')).exitCode === 0) return;
  throw new TmachineError(`Cannot copy by --delta: machine "${name}" has no rsync`, {
    code: 'PROGRAM_MISSING',
    hint: `install it there, as with "tmachine ssh ${name} sudo apt-get install rsync", or copy without --delta`,
  });
}
