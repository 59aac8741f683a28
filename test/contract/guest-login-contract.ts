import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/host/network.ts';
import { createHostKeyPair, createUserKeyFiles, createUserKeyPair } from '../../src/ssh/keys.ts';
import { fingerprint, parsePublicKey } from '../../src/ssh/known-hosts.ts';
import { connectWhenReady, type GuestAddress, type OpenOptions, openGuest } from '../../src/ssh/open-guest.ts';
import { type Bench, type StartServer, servers, setUp } from '../support/guest-bench.ts';
import { startGuestServer, type TestSshServer } from '../support/guest-server.ts';

/** What every SSH client of ours promises about getting in, on every kind of server. */
export function guestLoginContract(kind: OpenOptions['kind']): void {
  describe.each(Object.entries(servers))(`logging in with the ${kind} client to %s`, (_name, start) => {
    loginContract(kind, start);
  });
  waitingContract(kind);
}

function loginContract(kind: OpenOptions['kind'], start: StartServer): void {
  let bench: Bench;
  beforeAll(async () => {
    bench = await setUp(kind, start);
  });
  afterAll(async () => await bench?.[Symbol.asyncDispose]());

  test('openGuest() records the host key on first use and accepts it again', async () => {
    const address = bench.address();
    for (let time = 0; time < 2; time += 1) {
      await using own = await openGuest(address, bench.options);
      expect((await own.run('echo x')).stdout).toBe('x\n');
    }
    const [, type, key] = readFileSync(address.knownHostsFile, 'utf8').trim().split(' ');
    expect(bench.hostKey.startsWith(`${type} ${key} `)).toBe(true);
    expect(readdirSync(join(address.knownHostsFile, '..'))).toEqual(['known_hosts']);
  });

  test('openGuest() accepts the pinned host key, whatever the address was when it was pinned', async () => {
    const address = bench.address({ pinnedKey: bench.hostKey });
    await using own = await openGuest(address, bench.options);
    expect((await own.run('echo x')).stdout).toBe('x\n');
    expect(execFileSync('ssh-keygen', ['-l', '-f', address.knownHostsFile], { encoding: 'utf8' })).toContain('guest');
  });

  test('openGuest() refuses a server with another host key and names both', async () => {
    const wrong = (await createHostKeyPair('other')).publicKey;
    const failure = await failureOf(bench.address({ pinnedKey: wrong }), bench.options);
    expect(failure).toMatchObject({ code: 'HOST_KEY_CHANGED', hint: expect.stringContaining('known_hosts') });
    for (const key of [wrong, bench.hostKey]) expect(failure.message).toContain(fingerprintOf(key));
  });

  test('openGuest() refuses a server with a host key of another kind than the pinned one', async () => {
    const wrong = (await createUserKeyPair('other')).publicKey;
    const failure = await failureOf(bench.address({ pinnedKey: wrong }), bench.options);
    expect(failure).toMatchObject({ code: 'HOST_KEY_CHANGED' });
    expect(failure.message).toContain(fingerprintOf(bench.hostKey));
  });

  test('openGuest() does not take a damaged file of host keys for none', async () => {
    const address = bench.address();
    writeFileSync(address.knownHostsFile, 'guest ssh-ed25519 AAAA');
    expect(await failureOf(address, bench.options)).toMatchObject({ code: 'HOST_KEY_UNREADABLE' });
  });

  test('openGuest() and connectWhenReady() fail at once when the key is rejected', async () => {
    const folder = mkdtempSync(join(bench.folder, 'stranger '));
    await createUserKeyFiles(folder, 'stranger');
    const address = bench.address({ identityFile: join(folder, 'id_rsa') });
    expect(await failureOf(address, bench.options)).toMatchObject({ code: 'SSH_AUTH_REJECTED' });
    const waiting = connectWhenReady(address, { timeoutMs: 60_000, step: 'ssh' }, bench.options);
    await expect(waiting).rejects.toMatchObject({ code: 'SSH_AUTH_REJECTED' });
  });

  test('openGuest() names a private key that is missing or broken', async () => {
    const broken = join(bench.folder, 'broken');
    writeFileSync(broken, 'no key', { mode: 0o600 });
    for (const identityFile of [broken, join(bench.folder, 'missing')]) {
      const failure = await failureOf(bench.address({ identityFile }), bench.options);
      expect(failure).toMatchObject({ code: 'SSH_KEY_UNUSABLE' });
    }
  });
}

function waitingContract(kind: OpenOptions['kind']): void {
  describe(`the ${kind} client and a server that is not there yet`, () => {
    test('openGuest() tells a refused connection at once', async () => {
      await using bench = await setUp(kind, startGuestServer);
      const port = await findFreePort('127.0.0.1');
      expect(await failureOf(bench.address({ port }), bench.options)).toMatchObject({ code: 'SSH_REFUSED' });
    });

    test('connectWhenReady() gives up in time when connections are accepted and never answered', async () => {
      await using bench = await setUp(kind, startGuestServer);
      await using silent = await listen(() => undefined);
      const startedAt = Date.now();
      const waiting = connectWhenReady(bench.address(silent), { timeoutMs: 600, step: 'ssh' }, bench.options);
      await expect(waiting).rejects.toMatchObject({
        code: 'SSH_TIMED_OUT',
        message: expect.stringMatching(/^Waited .* in vain/),
      });
      expect(Date.now() - startedAt).toBeLessThan(3000);
    });

    test('connectWhenReady() logs in once the server is up, and says what it waits for', async () => {
      await using bench = await setUp(kind, startGuestServer);
      const port = await findFreePort('127.0.0.1');
      const waiting = connectWhenReady(bench.address({ port }), { timeoutMs: 30_000, step: 'ssh' }, bench.options);
      await new Promise((resolve) => setTimeout(resolve, 400));
      await using relay = await listen((socket) => connectTo(bench.server, socket), port);
      await using guest = await waiting;
      expect((await guest.run('echo in')).stdout).toBe('in\n');
      expect(relay.port).toBe(port);
      expect(bench.events).toContainEqual(
        expect.objectContaining({ type: 'step.waiting', step: 'ssh', what: expect.stringContaining(`:${port}`) }),
      );
    });

    test('stream() tells a connection that broke from a command that failed', async () => {
      await using bench = await setUp(kind, startGuestServer);
      const sockets: Socket[] = [];
      await using relay = await listen((socket) => {
        sockets.push(socket);
        connectTo(bench.server, socket);
      });
      await using guest = await openGuest(bench.address({ port: relay.port }), bench.options);
      const stdout = new PassThrough();
      stdout.once('data', () => {
        for (const socket of sockets) socket.destroy();
      });
      const streaming = guest.stream('echo begun; exec sleep 30', { stdout, stderr: new PassThrough().resume() });
      await expect(streaming).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    });

    test('connectWhenReady() can be interrupted', async () => {
      await using bench = await setUp(kind, startGuestServer);
      await using silent = await listen(() => undefined);
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('interrupted')), 100);
      const options = { ...bench.options, signal: controller.signal };
      await expect(connectWhenReady(bench.address(silent), { timeoutMs: 9000, step: 'ssh' }, options)).rejects.toThrow(
        'interrupted',
      );
    });
  });
}

/** The failure of the first command: the external client connects no sooner. */
async function failureOf(address: GuestAddress, options: OpenOptions): Promise<Error & { code?: string }> {
  try {
    await using guest = await openGuest(address, options);
    await guest.run('true');
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

function fingerprintOf(publicKey: string): string {
  const key = parsePublicKey(publicKey);
  return key === undefined ? '' : fingerprint(key);
}

interface Listener extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

async function listen(serve: (socket: Socket) => void, port = 0): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function connectTo(server: TestSshServer, socket: Socket): void {
  const other = connect({ host: server.host, port: server.port });
  socket.on('close', () => other.destroy());
  socket.pipe(other.on('error', () => socket.destroy())).pipe(socket);
}
