import type { Socket } from 'node:net';
import { connectInSlabs } from './connect-in-slabs.ts';
import { socketFailure, sshFailure } from './failures.ts';
import type { SshTarget } from './guest.ts';

/** How long to wait for a server's first words. */
export interface BannerOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Connects and waits for the line in which an SSH server names itself (RFC 4253, 4.2): a connection alone proves
 * nothing, because QEMU accepts it before the guest listens. The bytes read are put back, so the socket is as new.
 *
 * @throws TmachineError `SSH_REFUSED`, `SSH_UNREACHABLE`, `SSH_TIMED_OUT`, `SSH_CONNECTION_LOST` or `SSH_PROTOCOL`.
 */
export async function connectForBanner(target: SshTarget, options: BannerOptions): Promise<Socket> {
  options.signal.throwIfAborted();
  const socket = connectInSlabs({ host: target.host, port: target.port, noDelay: true });
  try {
    await firstWords(socket, target, options);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

const longestGreeting = 16 * 1024;

function firstWords(socket: Socket, target: SshTarget, options: BannerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let greeting = Buffer.alloc(0);
    const timer = setTimeout(() => settle(() => reject(sshFailure('SSH_TIMED_OUT', target))), options.timeoutMs);
    const onAbort = (): void => settle(() => reject(options.signal.reason));
    const onError = (error: Error): void => settle(() => reject(socketFailure(error, target)));
    const onEnd = (): void => settle(() => reject(sshFailure('SSH_CONNECTION_LOST', target)));
    const onData = (chunk: Buffer): void => {
      greeting = Buffer.concat([greeting, chunk]);
      if (/^SSH-/m.test(greeting.toString('latin1')))
        settle(() => {
          socket.unshift(greeting);
          resolve();
        });
      else if (greeting.length > longestGreeting) settle(() => reject(sshFailure('SSH_PROTOCOL', target)));
    };
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
      socket.pause().off('data', onData).off('error', onError).off('end', onEnd);
      // A socket without a listener would turn a late error into a crash.
      socket.on('error', () => undefined);
      finish();
    };
    options.signal.addEventListener('abort', onAbort);
    socket.on('data', onData).on('error', onError).on('end', onEnd);
  });
}
