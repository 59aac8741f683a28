import { TmachineError } from '../errors/tmachine-error.ts';
import type { Emit } from '../events/event.ts';
import { type CommandSpec, formatCommandLine } from './command-line.ts';
import type { Environment } from './environment.ts';
import { programNotFound, programToStart } from './find-program.ts';

/** How a program ended. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a call of `run` needs besides the command. */
export interface RunContext {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly emit?: Emit | undefined;
}

/**
 * Resolves for any exit code.
 *
 * @throws TmachineError `PROGRAM_NOT_FOUND`, `PROGRAM_TIMED_OUT`, or `PROGRAM_KILLED` when the program did not run to its end.
 */
export async function run(command: CommandSpec, context: RunContext): Promise<CommandResult> {
  const { execa } = await import('execa');
  const startedAt = Date.now();
  const child = execa(await programToStart(command.program, context.env), command.args, {
    env: definedOnly({ ...context.env, LC_ALL: 'C', ...command.env }),
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    cancelSignal: context.signal,
    encoding: command.encoding ?? 'utf8',
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    ...(command.timeoutMs === undefined ? {} : { timeout: command.timeoutMs }),
    ...(command.input === undefined ? { stdin: 'ignore' as const } : { input: command.input }),
  });
  // What the killed program started itself may live on and hold its outputs open.
  child.once('exit', () => {
    if (child.killed) setTimeout(() => [child.stdout, child.stderr].forEach((stream) => void stream?.destroy()), 200);
  });
  const result = await child;
  const commandLine = formatCommandLine(command);
  context.emit?.({
    type: 'command.finished',
    commandLine,
    exitCode: result.exitCode,
    elapsedMs: Date.now() - startedAt,
  });
  context.signal.throwIfAborted();
  if (result.exitCode !== undefined) return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  if (result.code === 'ENOENT') throw programNotFound(command.program, result);
  if (result.timedOut)
    throw new TmachineError(`"${commandLine}" did not end within ${(command.timeoutMs ?? 0) / 1000} s`, {
      code: 'PROGRAM_TIMED_OUT',
      cause: result,
    });
  throw new TmachineError(`"${commandLine}" was ended by ${result.signal ?? result.code ?? 'an unknown cause'}`, {
    code: 'PROGRAM_KILLED',
    cause: result,
  });
}

function definedOnly(env: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
