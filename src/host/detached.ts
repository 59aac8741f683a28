import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import type { CommandSpec } from './command-line.ts';
import type { Environment } from './environment.ts';
import { privateFile } from './files.ts';
import { programNotFound, programToStart } from './find-program.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

/** What a detached program is given besides its command. */
export interface DetachedContext {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Both output streams are appended to this file. */
  readonly logFile: string;
}

/**
 * Starts a program in a session of its own, so that it outlives us and our terminal.
 *
 * @throws TmachineError `PROGRAM_NOT_FOUND` when there is no such program, `PROGRAM_NOT_STARTED` when it cannot be run.
 */
export async function startDetached(command: CommandSpec, context: DetachedContext): Promise<ProcessIdentity> {
  const log = await open(context.logFile, 'a', privateFile);
  try {
    const child = spawn(await programToStart(command.program, context.env), command.args, {
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...context.env, LC_ALL: 'C', ...command.env },
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    });
    await once(child, 'spawn');
    child.unref();
    const pid = child.pid ?? -1;
    // A program that has already ended has no identity left; this one equals no running process.
    return (await identifyProcess(pid, context.platform)) ?? { pid, startedAt: 'ended' };
  } catch (error) {
    throw notStarted(command.program, error);
  } finally {
    await log.close();
  }
}

function notStarted(program: string, cause: unknown): TmachineError {
  if (cause instanceof TmachineError) return cause;
  if (isSystemError(cause, 'ENOENT')) return programNotFound(program, cause);
  return new TmachineError(`Cannot start "${program}": ${cause instanceof Error ? cause.message : String(cause)}`, {
    code: 'PROGRAM_NOT_STARTED',
    cause,
  });
}
