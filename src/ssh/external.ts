import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { messageOf } from '../errors/tmachine-error.ts';
import type { Environment } from '../host/environment.ts';
import { readTextIfExists } from '../host/files.ts';
import { spawnAttached } from '../host/spawn-attached.ts';
import { type ExternalCommand, formatSshArguments } from './external-arguments.ts';
import { parseExternalLog } from './external-log.ts';
import { hostKeyChanged, sshFailure } from './failures.ts';
import type { GuestStreams, SshTarget, Transport } from './guest.ts';
import { readPins } from './host-key-pins.ts';
import { readIdentity } from './identity.ts';
import type { HostKey } from './known-hosts.ts';

/** How the system's own client runs. */
export interface ExternalOptions {
  readonly knownHostsFile: string;
  readonly pinnedKey?: string | undefined;
  /** Where `ssh` is looked for, by its PATH, and what it is given. */
  readonly env: Environment;
  /** Called when the first host key of this machine has been recorded. */
  readonly onFirstKey: (key: HostKey) => void;
}

/** The status with which OpenSSH reports a failure of its own. */
const transportFailed = 255;

/**
 * Uses the system's `ssh`, one process for each command; the first one connects. A command ended by a signal has 255,
 * because OpenSSH does not say which signal it was.
 */
export function connectExternal(target: SshTarget, options: ExternalOptions): Transport {
  const call = async (request: ExternalCall): Promise<number> => {
    const pins = await readPins(options.knownHostsFile, options.pinnedKey);
    // OpenSSH goes on without a key it cannot find, and is then told that it has none.
    if (target.identityFile !== '') await readIdentity(target);
    const logFile = `${options.knownHostsFile}.${randomBytes(6).toString('hex')}.log`;
    const { knownHostsFile, env } = options;
    const login = { knownHostsFile, isPinned: pins.length > 0, logFile, terminal: request.terminal };
    const args = formatSshArguments(target, login, request.what);
    const context = { env, signal: request.signal, apart: 'subsystem' in request.what };
    try {
      const status = await spawnAttached({ program: 'ssh', args }, request.streams, context);
      const failure =
        status === transportFailed ? parseExternalLog((await readTextIfExists(logFile)) ?? '') : undefined;
      if (failure === undefined) {
        const [recorded] = pins.length === 0 ? await readPins(knownHostsFile, undefined) : [];
        if (recorded !== undefined) options.onFirstKey(recorded);
        return status;
      }
      if (failure.code === 'HOST_KEY_CHANGED')
        throw hostKeyChanged(target, { pinned: pins, shown: failure.shownFingerprint, file: knownHostsFile });
      throw sshFailure(failure.code, target, { detail: failure.detail });
    } finally {
      await rm(logFile, { force: true });
    }
  };
  return {
    execute: async (command, streams, signal) => await call({ what: { command }, streams, signal, terminal: false }),
    shell: async ({ input, output }, signal) =>
      await call({
        what: { command: undefined },
        streams: { stdin: input, stdout: output, stderr: output },
        signal,
        terminal: true,
      }),
    subsystem: async (name, streams, signal) => {
      try {
        return await call({ what: { subsystem: name }, streams, signal, terminal: false });
      } catch (error) {
        if (!/subsystem request failed/.test(messageOf(error))) throw error;
        throw (await import('./sftp/status.ts')).sftpMissing(new Error('the server refuses the subsystem'));
      }
    },
    close: async () => undefined,
  };
}

interface ExternalCall {
  readonly what: ExternalCommand;
  readonly streams: GuestStreams;
  readonly signal: AbortSignal;
  readonly terminal: boolean;
}
