import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import type { Emit } from '../events/event.ts';
import type { Environment } from '../host/environment.ts';
import { connectForBanner } from './banner.ts';
import { isPassingFailure } from './failures.ts';
import type { Guest, SshTarget } from './guest.ts';
import { guestOver } from './guest-over.ts';
import { fingerprint, type HostKey } from './known-hosts.ts';

/** A machine to log in to, and the file that holds its host key. */
export interface GuestAddress extends SshTarget {
  /** This machine's own known_hosts file. */
  readonly knownHostsFile: string;
  /** The text of a `.pub` file: the only host key to accept. */
  readonly pinnedKey?: string | undefined;
}

/** How to log in. */
export interface OpenOptions {
  /** The built-in client, or the system's `ssh`. */
  readonly kind: 'native' | 'external';
  readonly signal: AbortSignal;
  readonly emit: Emit;
  /** What an external `ssh` is found in and given. */
  readonly env: Environment;
}

/**
 * Logs in once; an external client does so with its first command. Close the guest when done.
 *
 * @throws TmachineError with one of `SshFailureCode`.
 */
export async function openGuest(address: GuestAddress, options: OpenOptions): Promise<Guest> {
  return await open(address, options, { bannerTimeoutMs: 10_000, loginTimeoutMs: 30_000 });
}

/** How long to wait for a login, and under which step the waiting is shown. */
export interface WaitForLogin {
  readonly timeoutMs: number;
  readonly step: string;
}

/**
 * Logs in as soon as the guest lets us, however early that is asked for. What waiting cannot mend, such as a rejected
 * key, fails at once.
 *
 * @throws TmachineError with one of `SshFailureCode`; the last failure when the time is over.
 */
export async function connectWhenReady(
  address: GuestAddress,
  wait: WaitForLogin,
  options: OpenOptions,
): Promise<Guest> {
  const startedAt = Date.now();
  let pauseMs = firstPauseMs;
  for (;;) {
    const leftMs = Math.max(wait.timeoutMs - (Date.now() - startedAt), minimumMs);
    const limits = { bannerTimeoutMs: Math.min(bannerTryMs, leftMs), loginTimeoutMs: Math.max(leftMs, loginTryMs) };
    try {
      return await logIn(address, options, limits);
    } catch (error) {
      if (!isPassingFailure(error)) throw error;
      const elapsedMs = Date.now() - startedAt;
      if (elapsedMs >= wait.timeoutMs) throw inVain(error, address, elapsedMs);
      const what = `an SSH login at ${address.host}:${address.port}`;
      options.emit({ type: 'step.waiting', step: wait.step, what, elapsedMs });
    }
    await sleep(pauseMs, undefined, { signal: options.signal });
    pauseMs = Math.min(pauseMs * 1.2, longestPauseMs);
  }
}

const firstPauseMs = 50;
const longestPauseMs = 250;
const minimumMs = 100;
/** A connection made before the guest listens may never be answered: a new one is. */
const bannerTryMs = 2000;
const loginTryMs = 20_000;

interface Limits {
  readonly bannerTimeoutMs: number;
  readonly loginTimeoutMs: number;
}

async function logIn(address: GuestAddress, options: OpenOptions, limits: Limits): Promise<Guest> {
  if (options.kind === 'native') return await open(address, options, limits);
  const socket = await connectForBanner(address, { timeoutMs: limits.bannerTimeoutMs, signal: options.signal });
  socket.destroy();
  const guest = await open(address, options, limits);
  await guest.run('exit 0', { timeoutMs: limits.loginTimeoutMs });
  return guest;
}

async function open(address: GuestAddress, options: OpenOptions, limits: Limits): Promise<Guest> {
  const { knownHostsFile, pinnedKey } = address;
  const { signal, env } = options;
  const context = { target: address, signal, emit: options.emit };
  const onFirstKey = (key: HostKey): void => {
    const text = `Trusting the SSH host key of ${address.host}:${address.port} from now on: ${fingerprint(key)} (${key.type})`;
    options.emit({ type: 'notice', level: 'info', text });
  };
  if (options.kind === 'external') {
    const { connectExternal } = await import('./external.ts');
    return guestOver(connectExternal(address, { knownHostsFile, pinnedKey, env, onFirstKey }), context);
  }
  const { connectNative } = await import('./native.ts');
  const login = { knownHostsFile, pinnedKey, signal, env, onFirstKey, ...limits };
  return guestOver(await connectNative(address, login), context);
}

function inVain(error: unknown, address: GuestAddress, elapsedMs: number): TmachineError {
  const { code, hint } = error as TmachineError;
  const waited = `Waited ${Math.round(elapsedMs / 1000)} s for an SSH login at ${address.host}:${address.port}, in vain`;
  return new TmachineError(`${waited}: ${messageOf(error)}`, { code, hint, cause: error });
}
