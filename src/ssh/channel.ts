import type { Writable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { GuestStreams, GuestTerminal } from './guest.ts';
import { statusOfSignal } from './signal-status.ts';

/**
 * Carries the streams until the command is over and all its output is written. Resolves with the exit status, or
 * nothing when the connection ended first; rejects when `signal` aborts or an output stream fails.
 */
export function pumpChannel(
  channel: ClientChannel,
  streams: GuestStreams,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { stdin, stdout, stderr } = streams;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      detach();
      channel.close();
      channel.resume();
      channel.stderr.resume();
      reject(error);
    };
    const onAbort = (): void => fail(signal.reason);
    const detach = (): void => {
      signal.removeEventListener('abort', onAbort);
      stdin?.unpipe(channel).off('error', fail).pause();
      channel.unpipe(stdout);
      channel.stderr.unpipe(stderr);
      for (const output of new Set([stdout, stderr])) output.off('error', fail);
    };
    const finish = async (status: number | undefined): Promise<void> => {
      await Promise.all([flush(stdout), flush(stderr)]);
      detach();
      resolve(status);
    };
    whenClosed(channel, (status) => finish(status).catch(fail));
    for (const output of new Set([stdout, stderr])) output.on('error', fail);
    channel.pipe(stdout, { end: false });
    channel.stderr.pipe(stderr, { end: false });
    // Input that comes too late for a command that has ended is lost, as with any pipe.
    channel.on('error', () => undefined);
    if (stdin === undefined) channel.end();
    else stdin.on('error', fail).pipe(channel);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

/** Both outputs must have ended: `close` of the channel alone says nothing about standard error. */
function whenClosed(channel: ClientChannel, done: (status: number | undefined) => void): void {
  let status: number | undefined;
  let open = 2;
  const closed = (): void => {
    open -= 1;
    if (open === 0) done(status);
  };
  channel.once('close', (code: number | null | undefined, name?: string) => {
    status = name === undefined ? (code ?? undefined) : statusOfSignal(name);
    closed();
  });
  channel.stderr.once('close', closed);
}

function flush(output: Writable): Promise<void> {
  if (output.writableLength === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    output.write('', (error) => (error ? reject(error) : resolve()));
  });
}

/** Gives every keystroke to the guest as it is and tells it when the window changes; returns the way back. */
export function attachTerminal(channel: ClientChannel, terminal: GuestTerminal): () => void {
  const { input, output } = terminal;
  const onResize = (): void => {
    if (output.rows !== undefined && output.columns !== undefined) channel.setWindow(output.rows, output.columns, 0, 0);
  };
  output.on('resize', onResize);
  input.setRawMode?.(true);
  return () => {
    output.off('resize', onResize);
    input.setRawMode?.(false);
  };
}
