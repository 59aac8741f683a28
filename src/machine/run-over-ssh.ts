import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RemoteResult, SshTarget } from '../ssh/guest.ts';
import { openGuest } from '../ssh/open-guest.ts';
import type { DriverHostOptions } from './driver-host.ts';
import { knownHostsName } from './guest.ts';

/** A command for a host that is there without us. */
export interface RemoteRequest {
  readonly target: SshTarget;
  readonly command: string;
  readonly timeoutMs: number;
}

/** See `Host.runOverSsh`. */
export async function runOverSsh(request: RemoteRequest, options: DriverHostOptions): Promise<RemoteResult> {
  const { env, signal, sshClient: kind } = options;
  await using pins = await openPins(options.directory);
  const address = { ...request.target, knownHostsFile: join(pins.folder, knownHostsName) };
  // A key that is not kept is not worth a word.
  const emit = pins.isKept ? options.emit : () => undefined;
  await using guest = await openGuest(address, { kind, signal, env, emit });
  return await guest.run(request.command, { timeoutMs: request.timeoutMs });
}

/** The machine's own folder; before there is one, a folder for this once. */
async function openPins(folder: string): Promise<AsyncDisposable & { folder: string; isKept: boolean }> {
  const isKept = await stat(folder).then(
    () => true,
    () => false,
  );
  if (isKept) return { folder, isKept, [Symbol.asyncDispose]: async () => undefined };
  const temporary = await mkdtemp(join(tmpdir(), 'tmachine-'));
  return {
    folder: temporary,
    isKept,
    [Symbol.asyncDispose]: async () => await rm(temporary, { recursive: true, force: true }),
  };
}
