import { spawn } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import type { CommandSpec } from './command-line.ts';
import { privateFile } from './files.ts';
import { readTail } from './read-tail.ts';
import type { RunContext } from './run.ts';

/**
 * Runs a program that puts itself into the background: waits only for its first process. Its outputs go to `logFile`, which
 * is removed, because what lives on would hold a pipe open.
 *
 * @throws TmachineError `PROGRAM_NOT_FOUND`.
 */
export async function runDaemon(
  command: Pick<CommandSpec, 'program' | 'args'>,
  logFile: string,
  { env, signal }: RunContext,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const log = await open(logFile, 'w', privateFile);
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      const stdio = ['ignore', log.fd, log.fd] as const;
      const child = spawn(command.program, [...command.args], { env: { ...env }, stdio: [...stdio], signal });
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? -1));
    });
    return { exitCode, output: await readTail(logFile, 4096) };
  } catch (error) {
    signal.throwIfAborted();
    if (!isSystemError(error, 'ENOENT')) throw error;
    throw new TmachineError(`Cannot run "${command.program}": it is not installed or not on PATH`, {
      code: 'PROGRAM_NOT_FOUND',
      cause: error,
    });
  } finally {
    await log.close();
    await rm(logFile, { force: true });
  }
}
