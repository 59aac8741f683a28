import type { Socket } from 'node:net';
import type { Client, ClientChannel, ConnectConfig } from 'ssh2';
import { messageOf, type TmachineError } from '../errors/tmachine-error.ts';
import type { Environment } from '../host/environment.ts';
import { connectForBanner } from './banner.ts';
import { attachTerminal, pumpChannel } from './channel.ts';
import { hostKeyChanged, isSshFailure, socketFailure, sshFailure } from './failures.ts';
import type { GuestStreams, SshTarget, Transport } from './guest.ts';
import { readPins, recordKey } from './host-key-pins.ts';
import { findCredentials } from './identity.ts';
import { fingerprint, type HostKey, hostKeyFromBlob, isSameKey } from './known-hosts.ts';
import { planProofs } from './plan-proofs.ts';

/** How the built-in client connects. */
export interface NativeOptions {
  readonly knownHostsFile: string;
  readonly pinnedKey?: string | undefined;
  /** For the first words of the server. */
  readonly bannerTimeoutMs: number;
  /** For everything between the first words and the login. */
  readonly loginTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Tells where the user's agent and own keys are, for targets without a key. */
  readonly env: Environment;
  /** Called when the first host key of this machine has been recorded. */
  readonly onFirstKey: (key: HostKey) => void;
}

/**
 * Logs in with the built-in client (ssh2).
 *
 * @throws TmachineError with one of `SshFailureCode`, or `HOST_KEY_UNREADABLE`.
 */
export async function connectNative(target: SshTarget, options: NativeOptions): Promise<Transport> {
  const pins = await readPins(options.knownHostsFile, options.pinnedKey);
  const credentials = await findCredentials(target, options.env);
  // Loading the client takes longer than the server's greeting: do both at once.
  const [{ Client, default: ssh2 }, sock] = await Promise.all([
    import('ssh2'),
    connectForBanner(target, { timeoutMs: options.bannerTimeoutMs, signal: options.signal }),
  ]);
  const client = new Client();
  let shown: HostKey | undefined;
  const isPinned = (key: HostKey): boolean => pins.length === 0 || pins.some((pin) => isSameKey(pin, key));
  const hostVerifier = (blob: Buffer): boolean => {
    shown = hostKeyFromBlob(blob);
    return shown !== undefined && isPinned(shown);
  };
  try {
    const proofs = planProofs(target, credentials, ssh2.utils.parseKey);
    await login(client, { ...loginConfig(target, options, pins), ...proofs, sock, hostVerifier }, options);
  } catch (error) {
    sock.destroy();
    options.signal.throwIfAborted();
    if (shown !== undefined && !isPinned(shown))
      throw hostKeyChanged(target, { pinned: pins, shown: describeKey(shown), file: options.knownHostsFile });
    throw isSshFailure(error) ? error : loginFailure(error, target);
  }
  if (pins.length === 0 && shown !== undefined) {
    await recordKey(options.knownHostsFile, shown);
    options.onFirstKey(shown);
  }
  return transportOf(client, sock, target);
}

const keepAliveMs = 15_000;

/** A server with several host keys is asked for the one we know first. */
function loginConfig(target: SshTarget, options: NativeOptions, pins: readonly HostKey[]): ConnectConfig {
  const isKnown = (algorithm: string): boolean =>
    pins.some((pin) => pin.type === algorithm || (pin.type === 'ssh-rsa' && algorithm.startsWith('rsa-sha2-')));
  return {
    username: target.user,
    readyTimeout: options.loginTimeoutMs,
    keepaliveInterval: keepAliveMs,
    keepaliveCountMax: 4,
    algorithms: {
      serverHostKey: [...hostKeyAlgorithms].sort((a, b) => Number(isKnown(b)) - Number(isKnown(a))),
    },
  };
}

const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

function describeKey(key: HostKey): string {
  return `${fingerprint(key)} (${key.type})`;
}

function login(client: Client, config: ConnectConfig, options: NativeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      client.destroy();
      reject(options.signal.reason);
    };
    const settle = (finish: () => void): void => {
      options.signal.removeEventListener('abort', onAbort);
      finish();
    };
    options.signal.addEventListener('abort', onAbort);
    client.once('ready', () => settle(resolve));
    client.on('error', (error) => settle(() => reject(error)));
    client.once('close', () => settle(() => reject(new Error('the server closed the connection'))));
    try {
      client.connect(config);
    } catch (error) {
      settle(() => reject(Object.assign(new Error(messageOf(error)), { level: 'private-key' })));
    }
  });
}

function loginFailure(error: unknown, target: SshTarget): TmachineError {
  const level = (error as { level?: string }).level;
  const detail = messageOf(error);
  if (level === 'client-authentication') return sshFailure('SSH_AUTH_REJECTED', target, { cause: error });
  if (level === 'client-timeout') return sshFailure('SSH_TIMED_OUT', target, { cause: error });
  if (level === 'private-key') return sshFailure('SSH_KEY_UNUSABLE', target, { detail, cause: error });
  if (level === 'client-socket') return socketFailure(error, target);
  if (level === 'handshake' || level === 'protocol')
    return sshFailure('SSH_PROTOCOL', target, { detail, cause: error });
  return sshFailure('SSH_CONNECTION_LOST', target, { detail, cause: error });
}

function transportOf(client: Client, sock: Socket, target: SshTarget): Transport {
  let lost: unknown;
  client.on('error', (error) => {
    lost = error;
  });
  const carry = async (
    open: (done: ChannelCallback) => void,
    streams: GuestStreams,
    ...rest: Rest
  ): Promise<number> => {
    const [signal, attach] = rest;
    signal.throwIfAborted();
    const channel = await openChannel(open).catch(async (error: unknown) => {
      if (/^Unable to start subsystem/.test(messageOf(error)))
        throw (await import('./sftp/status.ts')).sftpMissing(error);
      throw sshFailure('SSH_CONNECTION_LOST', target, { cause: lost ?? error });
    });
    const detach = attach?.(channel);
    try {
      const status = await pumpChannel(channel, streams, signal);
      if (status !== undefined) return status;
    } finally {
      detach?.();
    }
    throw sshFailure('SSH_CONNECTION_LOST', target, { cause: lost });
  };
  return {
    execute: async (command, streams, signal) => {
      const open = (done: ChannelCallback): unknown =>
        command === undefined ? client.shell(false, done) : client.exec(command, done);
      return await carry(open, streams, signal);
    },
    shell: async (terminal, signal) => {
      const { columns: cols = 80, rows = 24 } = terminal.output;
      const window = { term: terminal.term, cols, rows, width: 0, height: 0 };
      const streams = { stdin: terminal.input, stdout: terminal.output, stderr: terminal.output };
      const attach = (channel: ClientChannel): (() => void) => attachTerminal(channel, terminal);
      return await carry((done) => client.shell(window, done), streams, signal, attach);
    },
    subsystem: async (name, streams, signal) => {
      const attach = (): (() => void) => gatherPackets(streams.stdin, sock);
      return await carry((done) => client.subsys(name, done), streams, signal, attach);
    },
    close: async () => {
      client.end();
      sock.destroySoon();
    },
  };
}

/** ssh2 writes each packet in three parts: what is sent in one turn goes to the system in one piece. */
function gatherPackets(input: GuestStreams['stdin'], sock: Socket): () => void {
  const gather = (): void => {
    sock.cork();
    queueMicrotask(() => sock.uncork());
  };
  input?.on('data', gather);
  return () => input?.off('data', gather);
}

type ChannelCallback = (error: Error | undefined, channel: ClientChannel) => void;
type Rest = readonly [signal: AbortSignal, attach?: (channel: ClientChannel) => () => void];

function openChannel(open: (done: ChannelCallback) => void): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    open((error, channel) => (error ? reject(error) : resolve(channel)));
  });
}
