import type { Readable, Writable } from 'node:stream';
import type { Sftp } from './sftp/sftp.ts';

/** Where and as whom to log in. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A private key in a form OpenSSH reads, not encrypted; empty: the user's agent and own keys. */
  readonly identityFile: string;
}

/** Text for the guest's shell, or an argument vector that is quoted for it. */
export type RemoteCommand = string | readonly string[];

/** What `run` takes besides the command. */
export interface RunOptions {
  readonly input?: string | Uint8Array | undefined;
  /** No limit where missing. */
  readonly timeoutMs?: number | undefined;
}

/** How a remote command ended. */
export interface RemoteResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a streamed command reads and writes. A missing `stdin` is an empty one. None of them is ended or closed. */
export interface GuestStreams {
  readonly stdin?: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** The user's terminal. `process.stdin` and `process.stdout` fit. */
export interface GuestTerminal {
  readonly input: Readable & { setRawMode?(mode: boolean): unknown };
  readonly output: Writable & { readonly columns?: number; readonly rows?: number };
  /** The kind of terminal, as in TERM. */
  readonly term: string;
}

/** A machine's inside, reached over SSH. Close it when done. */
export interface Guest extends AsyncDisposable {
  /**
   * Resolves for any exit status; a command ended by signal n has 128 + n.
   *
   * @throws TmachineError `SSH_COMMAND_TIMED_OUT`, or one of `SshFailureCode` when SSH itself failed.
   */
  run(command: RemoteCommand, options?: RunOptions): Promise<RemoteResult>;
  /**
   * The content of a file that the user may read.
   *
   * @throws TmachineError `GUEST_FILE_UNREADABLE`.
   */
  read(path: string): Promise<Uint8Array>;
  /**
   * Replaces a file that the user may write, in one step.
   *
   * @throws TmachineError `GUEST_FILE_UNWRITABLE`.
   */
  write(path: string, content: string | Uint8Array, mode: number): Promise<void>;
  /** Runs a command, or a login shell where there is none, on the given streams; resolves with its exit status. */
  stream(command: RemoteCommand | undefined, streams: GuestStreams): Promise<number>;
  /** Opens a login shell on a terminal of its own, which follows the size of the user's; resolves with its exit status. */
  shell(terminal: GuestTerminal): Promise<number>;
  /**
   * Opens the guest's files. An interruption does not end what goes on there, so that it can be tidied up: dispose of it.
   *
   * @throws TmachineError `SFTP_MISSING`, `SFTP_GARBLED`, or one of `SshFailureCode`.
   */
  openFiles(): Promise<Sftp>;
  close(): Promise<void>;
}

/** What an SSH client must be able to do; `guestOver` makes a `Guest` of it. */
export interface Transport {
  /** Exit status of the command, or of a login shell; aborting `signal` ends it and rejects. */
  execute(command: string | undefined, streams: GuestStreams, signal: AbortSignal): Promise<number>;
  shell(terminal: GuestTerminal, signal: AbortSignal): Promise<number>;
  /** Exit status of the server's subsystem of this name; what the terminal interrupts does not end it, only `signal` does. */
  subsystem(name: string, streams: GuestStreams, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}
