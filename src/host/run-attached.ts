import { TmachineError } from '../errors/tmachine-error.ts';
import { type CommandSpec, formatCommandLine } from './command-line.ts';
import type { Environment } from './environment.ts';
import { programToStart } from './find-program.ts';

/**
 * Runs a program on the user's own terminal, its standard output joined to our standard error where `quiet` asks for that.
 * Resolves with its exit status.
 *
 * @throws TmachineError `PROGRAM_NOT_FOUND`.
 */
export async function runAttached(
  command: CommandSpec,
  options: { readonly env: Environment; readonly signal: AbortSignal; readonly answerToStderr?: boolean },
): Promise<number> {
  const { execa } = await import('execa');
  const result = await execa(await programToStart(command.program, options.env), command.args, {
    env: { ...options.env, ...command.env } as Record<string, string>,
    extendEnv: false,
    reject: false,
    stdio: ['inherit', options.answerToStderr ? 2 : 'inherit', 'inherit'],
    cancelSignal: options.signal,
  });
  options.signal.throwIfAborted();
  if (result.exitCode !== undefined) return result.exitCode;
  throw new TmachineError(`Cannot run "${formatCommandLine(command)}": ${result.shortMessage ?? 'unknown cause'}`, {
    code: result.code === 'ENOENT' ? 'PROGRAM_NOT_FOUND' : 'PROGRAM_KILLED',
    cause: result,
  });
}
