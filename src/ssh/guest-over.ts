import { Readable, Writable } from 'node:stream';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { Emit } from '../events/event.ts';
import { formatCommandLine } from '../host/command-line.ts';
import type { Guest, RemoteCommand, RunOptions, SshTarget, Transport } from './guest.ts';
import { quoteCommand, quoteWord } from './quote.ts';

/** What every verb of a guest needs. */
export interface GuestContext {
  readonly target: SshTarget;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** The verbs of a guest on top of an SSH client. */
export function guestOver(transport: Transport, context: GuestContext): Guest {
  const close = async (): Promise<void> => await transport.close();
  return {
    run: async (command, options = {}) => {
      const { exitCode, stdout, stderr } = await collect(transport, context, { command, ...options });
      return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
    },
    read: async (path) => {
      const result = await collect(transport, context, { command: ['cat', '--', path] });
      if (result.exitCode === 0) return result.stdout;
      throw fileFailure('read', path, result.stderr);
    },
    write: async (path, content, mode) => {
      const result = await collect(transport, context, { command: formatWrite(path, mode), input: content });
      if (result.exitCode !== 0) throw fileFailure('write', path, result.stderr);
    },
    stream: async (command, streams) => await transport.execute(asText(command), streams, context.signal),
    shell: async (terminal) => await transport.shell(terminal, context.signal),
    openFiles: async () => {
      const { openSftp } = await import('./sftp/sftp.ts');
      return await openSftp((streams, signal) => transport.subsystem('sftp', streams, signal));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Call extends RunOptions {
  readonly command: RemoteCommand;
}

async function collect(transport: Transport, context: GuestContext, call: Call): Promise<Collected> {
  const startedAt = Date.now();
  const command = asText(call.command);
  const [stdout, stderr] = [sink(), sink()];
  const streams = { stdin: source(call.input), stdout: stdout.stream, stderr: stderr.stream };
  const limit = AbortSignal.any([context.signal, ...(call.timeoutMs ? [AbortSignal.timeout(call.timeoutMs)] : [])]);
  let exitCode: number | undefined;
  try {
    exitCode = await transport.execute(command, streams, limit);
    return { exitCode, stdout: Buffer.concat(stdout.chunks), stderr: Buffer.concat(stderr.chunks) };
  } catch (error) {
    if (limit.aborted && !context.signal.aborted && error === limit.reason) throw timedOut(command, call.timeoutMs);
    throw error;
  } finally {
    const { user, host } = context.target;
    const commandLine = formatCommandLine({ program: 'ssh', args: [`${user}@${host}`, command ?? ''] });
    context.emit({ type: 'command.finished', commandLine, exitCode, elapsedMs: Date.now() - startedAt });
  }
}

interface Collected {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

function asText(command: RemoteCommand): string;
function asText(command: RemoteCommand | undefined): string | undefined;
function asText(command: RemoteCommand | undefined): string | undefined {
  return command === undefined || typeof command === 'string' ? command : quoteCommand(command);
}

function source(input: string | Uint8Array | undefined): Readable | undefined {
  return input === undefined ? undefined : Readable.from([Buffer.from(input)], { objectMode: false });
}

function sink(): { readonly stream: Writable; readonly chunks: readonly Buffer[] } {
  const chunks: Buffer[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    chunks.push(chunk);
    done();
  };
  return { stream: new Writable({ write }), chunks };
}

/** The new file is beside the old one, so that the rename replaces it in one step. */
function formatWrite(path: string, mode: number): string {
  const file = quoteWord(path.startsWith('-') ? `./${path}` : path);
  const octal = mode.toString(8).padStart(3, '0');
  return `umask 077; t=${file}.$$; cat >"$t" && chmod ${octal} "$t" && mv -f "$t" ${file} || { rm -f "$t"; exit 1; }`;
}

function fileFailure(verb: 'read' | 'write', path: string, stderr: Buffer): TmachineError {
  const reason = stderr.toString().trim().split('\n').at(-1) || 'the guest gave no reason';
  const code = verb === 'read' ? 'GUEST_FILE_UNREADABLE' : 'GUEST_FILE_UNWRITABLE';
  return new TmachineError(`Cannot ${verb} "${path}" in the guest: ${reason}`, { code });
}

function timedOut(command: string, timeoutMs: number | undefined): TmachineError {
  return new TmachineError(`"${command}" did not end in the guest within ${(timeoutMs ?? 0) / 1000} s`, {
    code: 'SSH_COMMAND_TIMED_OUT',
  });
}
