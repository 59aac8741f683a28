import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventBody } from '../../src/events/event.ts';
import { createHostKeyPair, createUserKeyFiles } from '../../src/ssh/keys.ts';
import type { GuestAddress, OpenOptions } from '../../src/ssh/open-guest.ts';
import { type GuestServerOptions, startGuestServer, type TestSshServer } from './guest-server.ts';
import { startSshd } from './sshd.ts';

/** Starts a server; the clients must get on with all of them. */
export type StartServer = (options: GuestServerOptions) => Promise<TestSshServer>;

/** The servers by name. */
export const servers: Readonly<Record<string, StartServer>> = {
  'an ssh2 server': startGuestServer,
  'OpenSSH sshd': startSshd,
};

/** A server, a key that it lets in, and a place for machine folders. */
export interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly server: TestSshServer;
  /** The server's `.pub` line. */
  readonly hostKey: string;
  readonly events: EventBody[];
  readonly options: OpenOptions;
  /** A new machine folder with no host key recorded. */
  address(more?: Partial<GuestAddress>): GuestAddress;
}

/** Starts a server and makes the keys for it. */
export async function setUp(kind: OpenOptions['kind'], start: StartServer): Promise<Bench> {
  // OpenSSH reads percent signs, quotes and spaces of a path in its own way.
  const folder = mkdtempSync(join(tmpdir(), `guest contract 100% größe 太郎 😀 it's `));
  const [user, host] = [await createUserKeyFiles(folder, 'test'), await createHostKeyPair('host')];
  const server = await start({ hostKey: host.privateKey, authorizedKey: user.publicKey });
  const events: EventBody[] = [];
  return {
    folder,
    server,
    hostKey: host.publicKey,
    events,
    options: { kind, signal: new AbortController().signal, emit: (event) => events.push(event), env: process.env },
    address: (more = {}) => ({
      host: server.host,
      port: server.port,
      user: server.user,
      identityFile: join(folder, 'id_rsa'),
      knownHostsFile: join(mkdtempSync(join(folder, 'machine ')), 'known_hosts'),
      ...more,
    }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
