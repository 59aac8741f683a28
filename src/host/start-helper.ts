import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSystemError } from '../errors/tmachine-error.ts';
import type { CommandSpec } from './command-line.ts';
import type { Environment } from './environment.ts';
import { programNotFound, programToStart } from './find-program.ts';

/** A program that works for us as long as we work; disposing of it ends it. */
export interface HelperProcess extends AsyncDisposable {
  /** How it ended, such as `exit status 1` or `SIGKILL`. */
  readonly ended: Promise<string>;
}

/** Takes each line a helper writes. */
export type TakeLine = (line: string, stream: 'stdout' | 'stderr') => void;

/** A helper is asked to end in its own way before it is disposed of, and gets this long for each next step. */
const graceMs = 2000;
const lastWordsMs = 200;

/**
 * Starts a program apart from our terminal, so that a Ctrl-C there does not end it in the middle of its work.
 *
 * @throws TmachineError `PROGRAM_NOT_FOUND`.
 */
export async function startHelper(command: CommandSpec, takeLine: TakeLine, env: Environment): Promise<HelperProcess> {
  const child = spawn(await programToStart(command.program, env), command.args, {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, ...command.env },
  });
  const closed = once(child, 'close').catch(() => undefined);
  const ended = once(child, 'exit').then(async ([code, signal]) => {
    // Its last words may still be on their way; what it started itself may hold its outputs open for ever.
    await Promise.race([closed, sleep(lastWordsMs, undefined, { ref: false })]);
    return code === null ? String(signal) : `exit status ${code}`;
  });
  ended.catch(() => undefined);
  const { stdout, stderr } = child;
  readLines(stdout, (line) => takeLine(line, 'stdout'));
  readLines(stderr, (line) => takeLine(line, 'stderr'));
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw isSystemError(error, 'ENOENT') ? programNotFound(command.program, error) : error;
  }
  return {
    ended,
    [Symbol.asyncDispose]: async () => {
      await end(child, ended);
      // What it started itself may hold its outputs open.
      stdout.destroy();
      stderr.destroy();
    },
  };
}

function readLines(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream }).on('line', take);
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  for (const signal of [undefined, 'SIGTERM', 'SIGKILL'] as const) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (signal !== undefined) child.kill(signal);
    const timer = new AbortController();
    await Promise.race([ended, sleep(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }
}
