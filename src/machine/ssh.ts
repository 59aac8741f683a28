import type { Readable } from 'node:stream';
import { TmachineError } from '../errors/tmachine-error.ts';
import { isSshFailure } from '../ssh/failures.ts';
import { joinUserCommand } from '../ssh/quote.ts';
import type { MachineContext } from './context.ts';
import { openGuestNow, requireGuest } from './guest.ts';
import { type Machine, openMachine } from './machine.ts';

/** The user's own streams, lent for the time of a login. */
export interface UserStreams {
  readonly stdin: Readable & { setRawMode?(mode: boolean): unknown; readonly isTTY?: boolean };
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** A context that can lend its terminal. */
export interface TerminalContext extends MachineContext {
  withTerminal<T>(work: (streams: UserStreams) => Promise<T>): Promise<T>;
}

/** Runs a command in the guest, or opens a shell there; resolves with its exit status. @throws TmachineError `NOT_RUNNING`. */
export async function runInGuest(name: string, words: readonly string[], context: TerminalContext): Promise<number> {
  await using machine = await openMachine(name, context);
  requireGuest(machine);
  if ((await machine.driver.state()) !== 'Running')
    throw new TmachineError(`Error: Cannot run SSH command: Host "${name}" is not running`, {
      code: 'NOT_RUNNING',
      hint: `start it: tmachine start ${name}`,
    });
  try {
    return await runOver(machine, words, context);
  } catch (error) {
    if (!(error instanceof TmachineError) || !isSshFailure(error)) throw error;
    const { message, code, hint } = error;
    throw new TmachineError(message, { code, hint, exitCode: transportFailed, cause: error.cause });
  }
}

/** As OpenSSH says that the connection, not the command, failed. */
const transportFailed = 255;

async function runOver(machine: Machine, words: readonly string[], context: TerminalContext): Promise<number> {
  await using guest = await openGuestNow(machine, context);
  const command = joinUserCommand(words[0] === '--' ? words.slice(1) : words);
  return await context.withTerminal(async (streams) =>
    command === undefined && streams.stdin.isTTY === true
      ? await guest.shell({
          input: streams.stdin,
          output: streams.stdout,
          term: context.env['TERM'] ?? 'xterm',
        })
      : await guest.stream(command, streams),
  );
}
