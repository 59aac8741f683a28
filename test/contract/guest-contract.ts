import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/events/event.ts';
import { findFreePort } from '../../src/host/network.ts';
import type { Guest } from '../../src/ssh/guest.ts';
import { createHostKeyPair, createUserKeyFiles, createUserKeyPair } from '../../src/ssh/keys.ts';
import { fingerprint, parsePublicKey } from '../../src/ssh/known-hosts.ts';
import { connectWhenReady, type GuestAddress, type OpenOptions, openGuest } from '../../src/ssh/open-guest.ts';
import { type GuestServerOptions, startGuestServer, type TestSshServer } from '../support/guest-server.ts';
import { startSshd } from '../support/sshd.ts';

const servers = { 'an ssh2 server': startGuestServer, 'OpenSSH sshd': startSshd };

/** What every SSH client of ours promises, on every kind of server. */
export function guestContract(kind: OpenOptions['kind']): void {
  describe.each(Object.entries(servers))(`the ${kind} client and %s`, (_name, start) => {
    contractOf(kind, start);
  });
  waitingContract(kind);
}

interface Bench {
  readonly folder: string;
  readonly server: TestSshServer;
  readonly keys: { readonly host: string; readonly hostPublic: string };
  readonly events: EventBody[];
  readonly options: OpenOptions;
  /** A new machine folder with no host key recorded. */
  address(more?: Partial<GuestAddress>): GuestAddress;
}

async function setUp(
  kind: OpenOptions['kind'],
  start: (o: GuestServerOptions) => Promise<TestSshServer>,
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'guest contract 100% '));
  const [user, host] = [await createUserKeyFiles(folder, 'test'), await createHostKeyPair('host')];
  const server = await start({ hostKey: host.privateKey, authorizedKey: user.publicKey });
  const events: EventBody[] = [];
  return {
    folder,
    server,
    keys: { host: host.privateKey, hostPublic: host.publicKey },
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
  };
}

function contractOf(kind: OpenOptions['kind'], start: (options: GuestServerOptions) => Promise<TestSshServer>): void {
  let bench: Bench;
  let guest: Guest;
  beforeAll(async () => {
    bench = await setUp(kind, start);
    guest = await openGuest(bench.address(), bench.options);
  });
  afterAll(async () => {
    await guest?.close();
    await bench?.server[Symbol.asyncDispose]();
    if (bench) rmSync(bench.folder, { recursive: true });
  });

  test('run() tells the exit status and keeps the outputs apart', async () => {
    expect(await guest.run('echo out; echo err >&2; exit 7')).toEqual({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await guest.run('exit 255')).toMatchObject({ exitCode: 255, stdout: '', stderr: '' });
  });

  test('run() gives an argument vector to the program unchanged', async () => {
    const words = ['a b', "it's", '$HOME', '`id`', '*', '', '-n', 'ü\n"'];
    const { stdout } = await guest.run(['printf', '[%s]', ...words]);
    expect(stdout).toBe(words.map((word) => `[${word}]`).join(''));
  });

  test('run() gives no input where there is none', async () => {
    expect(await guest.run('cat; echo end')).toMatchObject({ exitCode: 0, stdout: 'end\n' });
  });

  test('run() takes a command that begins with a dash as a command', async () => {
    const { exitCode, stderr } = await guest.run('-V');
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).not.toContain('OpenSSH');
  });

  test('run() ends a command that takes too long', async () => {
    const startedAt = Date.now();
    await expect(guest.run('exec sleep 30', { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'SSH_COMMAND_TIMED_OUT',
    });
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  test('run() reports a signal as 128 and its number, where the client is told of it', async () => {
    const { exitCode } = await guest.run('kill -KILL $$');
    expect(exitCode).toBe(kind === 'native' ? 137 : 255);
  });

  test('run() does several commands at once', async () => {
    const results = await Promise.all(['1', '2', '3'].map(async (word) => await guest.run(['echo', word])));
    expect(results.map((result) => result.stdout)).toEqual(['1\n', '2\n', '3\n']);
  });

  test('stream() carries 5 MiB of bytes both ways', async () => {
    const bytes = randomBytes(5 * 1024 * 1024);
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const digests = Promise.all([digest(stdout), digest(stderr)]);
    expect(await guest.stream('cat', { stdin: Readable.from(slices(bytes)), stdout, stderr })).toBe(0);
    expect(await guest.stream('cat >&2', { stdin: Readable.from(slices(bytes)), stdout, stderr })).toBe(0);
    stdout.end();
    stderr.end();
    const sent = createHash('sha256').update(bytes).digest('hex');
    expect(await digests).toEqual([sent, sent]);
  });

  test('stream() ends although the input stays open', async () => {
    const stdin = new PassThrough();
    const [stdout, stderr] = [new PassThrough(), new PassThrough().resume()];
    stdin.write('one line\n');
    expect(await guest.stream('head -n 1; exit 3', { stdin, stdout, stderr })).toBe(3);
    stdout.end();
    expect(await text(stdout)).toBe('one line\n');
  });

  test('stream() without a command feeds a login shell', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough().resume()];
    const stdin = Readable.from(['echo "$((6 * 7))"\n', 'exit 5\n']);
    expect(await guest.stream(undefined, { stdin, stdout, stderr })).toBe(5);
    stdout.end();
    expect(await text(stdout)).toContain('42\n');
  });

  test('stream() rejects and ends when it is interrupted', async () => {
    const controller = new AbortController();
    const own = await openGuest(bench.address(), { ...bench.options, signal: controller.signal });
    const reason = new Error('interrupted');
    setTimeout(() => controller.abort(reason), 300);
    const streams = { stdout: new PassThrough().resume(), stderr: new PassThrough().resume() };
    await expect(own.stream('exec sleep 30', streams)).rejects.toBe(reason);
    await own.close();
  });

  test('write() and read() keep bytes and mode', async () => {
    const file = join(mkdtempSync(join(bench.folder, 'files ')), "it's here");
    const bytes = randomBytes(70_000);
    await guest.write(file, bytes, 0o640);
    expect(Buffer.compare(await guest.read(file), bytes)).toBe(0);
    expect((await guest.run(['stat', '-c', '%a', file])).stdout).toBe('640\n');
    expect(readdirSync(join(file, '..'))).toHaveLength(1);
  });

  test('read() and write() name the file and the reason of a failure', async () => {
    const file = join(bench.folder, 'no', 'file');
    await expect(guest.read(file)).rejects.toMatchObject({ code: 'GUEST_FILE_UNREADABLE' });
    await expect(guest.write(file, 'x', 0o600)).rejects.toThrow(
      /Cannot write ".*no\/file" in the guest: .*(No such|nonexistent)/,
    );
  });

  test('openGuest() records the host key on first use and accepts it again', async () => {
    const address = bench.address();
    for (let time = 0; time < 2; time += 1) {
      await using own = await openGuest(address, bench.options);
      expect((await own.run('echo x')).stdout).toBe('x\n');
    }
    const [, type, key] = readFileSync(address.knownHostsFile, 'utf8').trim().split(' ');
    expect(bench.keys.hostPublic.startsWith(`${type} ${key} `)).toBe(true);
    expect(readdirSync(join(address.knownHostsFile, '..'))).toEqual(['known_hosts']);
  });

  test('openGuest() accepts the pinned host key, whatever the address was when it was pinned', async () => {
    const address = bench.address({ pinnedKey: bench.keys.hostPublic });
    await using own = await openGuest(address, bench.options);
    expect((await own.run('echo x')).stdout).toBe('x\n');
    expect(execFileSync('ssh-keygen', ['-l', '-f', address.knownHostsFile], { encoding: 'utf8' })).toContain('guest');
  });

  test('openGuest() refuses a server with another host key and names both', async () => {
    const wrong = (await createHostKeyPair('other')).publicKey;
    const failure = await failureOf(bench.address({ pinnedKey: wrong }), bench.options);
    expect(failure).toMatchObject({ code: 'HOST_KEY_CHANGED', hint: expect.stringContaining('known_hosts') });
    for (const key of [wrong, bench.keys.hostPublic]) expect(failure.message).toContain(fingerprintOf(key));
  });

  test('openGuest() refuses a server with a host key of another kind than the pinned one', async () => {
    const wrong = (await createUserKeyPair('other')).publicKey;
    const failure = await failureOf(bench.address({ pinnedKey: wrong }), bench.options);
    expect(failure).toMatchObject({ code: 'HOST_KEY_CHANGED' });
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
      await using bench = await setUpDisposable(kind);
      const port = await findFreePort('127.0.0.1');
      expect(await failureOf(bench.address({ port }), bench.options)).toMatchObject({ code: 'SSH_REFUSED' });
    });

    test('connectWhenReady() gives up in time when connections are accepted and never answered', async () => {
      await using bench = await setUpDisposable(kind);
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
      await using bench = await setUpDisposable(kind);
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

    test('connectWhenReady() can be interrupted', async () => {
      await using bench = await setUpDisposable(kind);
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

async function setUpDisposable(kind: OpenOptions['kind']): Promise<Bench & AsyncDisposable> {
  const bench = await setUp(kind, startGuestServer);
  return {
    ...bench,
    [Symbol.asyncDispose]: async () => {
      await bench.server[Symbol.asyncDispose]();
      rmSync(bench.folder, { recursive: true });
    },
  };
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

async function digest(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += 100_000) yield bytes.subarray(start, start + 100_000);
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
