import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { isSystemError } from '../errors/tmachine-error.ts';
import type { CommandSpec } from './command-line.ts';
import type { Environment } from './environment.ts';
import { programNotFound, programToStart } from './find-program.ts';

/** The streams a program reads and writes. Those of this process are inherited, so that a terminal stays one. */
export interface AttachedStreams {
  readonly stdin?: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/**
 * Runs a program on the given streams; resolves with its exit status, 128 + n when signal n ended it. Output streams
 * are left open. Aborting ends the program and rejects. One that runs `apart` is not reached by a Ctrl-C on our terminal.
 *
 * @throws TmachineError `PROGRAM_NOT_FOUND`.
 */
export async function spawnAttached(
  command: Pick<CommandSpec, 'program' | 'args'>,
  streams: AttachedStreams,
  context: { readonly env: Environment; readonly signal: AbortSignal; readonly apart?: boolean },
): Promise<number> {
  const { stdin, stdout, stderr } = streams;
  const { env, signal, apart = false } = context;
  const program = await programToStart(command.program, env);
  return await new Promise((resolve, reject) => {
    const stdio = [stdin === undefined ? 'ignore' : inherited(stdin), inherited(stdout), inherited(stderr)] as const;
    const options = { env: { ...env }, stdio: [...stdio], signal, detached: apart, windowsHide: apart };
    const child = spawn(program, [...command.args], options);
    const { stdin: input, stdout: output, stderr: errors } = child;
    // A program may end without reading all of its input.
    if (stdin !== undefined && input) stdin.pipe(input.on('error', () => undefined));
    output?.pipe(stdout, { end: false });
    errors?.pipe(stderr, { end: false });
    const settle = (finish: () => void): void => {
      if (input) stdin?.unpipe(input).pause();
      finish();
    };
    child.once('error', (error) => settle(() => reject(signal.aborted ? signal.reason : explain(error, command))));
    child.once('close', (code, name) => {
      if (signal.aborted) return settle(() => reject(signal.reason));
      settle(() => resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])));
    });
  });
}

function inherited(stream: Readable | Writable): number | 'pipe' {
  const { fd } = stream as { fd?: unknown };
  return typeof fd === 'number' && fd >= 0 && fd <= 2 ? fd : 'pipe';
}

function explain(error: Error, command: Pick<CommandSpec, 'program'>): Error {
  return isSystemError(error, 'ENOENT') ? programNotFound(command.program, error) : error;
}
