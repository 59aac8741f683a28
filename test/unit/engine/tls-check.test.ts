import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkTls, type TlsTarget } from '../../../src/engine/tls-check.ts';
import { isCertificateFailure, isTransient } from '../../../src/engine/tls-outcome.ts';
import { findFreePort } from '../../../src/host/network.ts';
import { makeCertificate, type TestPair } from './certificates.ts';

const now = new Date();
const longAgo = new Date('2015-01-01T00:00:00Z');
let ca: TestPair;
let otherCa: TestPair;
let client: TestPair;
let folder: string;
const children: ChildProcess[] = [];
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmachine-tls-'));
  [ca, otherCa] = await Promise.all([
    makeCertificate({ usage: 'authority' }),
    makeCertificate({ usage: 'authority', madeAt: longAgo }),
  ]);
  client = await makeCertificate({ usage: 'client', signer: ca });
});

afterAll(async () => await rm(folder, { recursive: true }));
afterEach(async () => {
  for (const child of children.splice(0)) child.kill();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

describe('checkTls()', () => {
  it.each([false, true])('is ok when both sides trust each other (an answer is wanted: %s)', async (wantsAnswer) => {
    const port = await startEngine({ names: ['127.0.0.1'] });
    const check = await checkTls(target(port), { ...options(), wantsAnswer });
    expect(check).toEqual({
      outcome: 'ok',
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) as unknown,
      ...(wantsAnswer ? { apiVersion: '1.45' } : {}),
    });
    expect([isTransient(check), isCertificateFailure(check)]).toEqual([false, false]);
  });

  it('is ok for a DNS name, which it sends as server name', async () => {
    const port = await startEngine({ names: ['localhost'] });
    expect(await checkTls(target(port, { host: 'localhost' }), options())).toMatchObject({ outcome: 'ok' });
  });

  it.each(['-tls1_2', '-tls1_3'])('says that the engine refused our certificate over %s', async (version) => {
    const port = await startOpenssl([version]);
    const stranger = await makeCertificate({ usage: 'client', signer: await makeCertificate({ usage: 'authority' }) });
    const check = await checkTls(target(port, { client: stranger }), options());
    expect(check).toEqual({
      outcome: 'client-refused',
      message: 'remote error: tls: unknown certificate authority',
    });
    expect(isCertificateFailure(check)).toBe(true);
  });

  it('says that the engine wants a certificate that we did not send', async () => {
    const port = await startEngine({ names: ['127.0.0.1'] });
    const { cert: _, key: __, ...without } = target(port);
    expect(await checkTls({ ...without } as TlsTarget, options())).toMatchObject({
      outcome: 'client-refused',
      message: 'remote error: tls: certificate required',
    });
  });

  it('says that the engine calls our certificate expired', async () => {
    const expired = await makeCertificate({ usage: 'client', signer: ca, madeAt: longAgo });
    expect(await checkTls(target(await startOpenssl([]), { client: expired }), options())).toEqual({
      outcome: 'client-refused',
      message: 'remote error: tls: expired certificate',
      hint: 'our client certificate has expired: tmachine certs renew --all',
    });
  });

  it('blames the clocks when the engine calls a certificate expired that is not', async () => {
    const port = await startOpenssl(['-attime', String(Date.parse('2045-01-01') / 1000)]);
    expect(await checkTls(target(port), options())).toMatchObject({
      outcome: 'clock-skew',
      message: 'remote error: tls: expired certificate',
    });
  });

  it('names the addresses of a certificate made for another address, as Go does', async () => {
    const port = await startEngine({ names: ['192.168.99.100', '127.0.0.1', 'localhost'] });
    expect(await checkTls(target(port, { host: '127.0.0.2' }), options())).toEqual({
      outcome: 'name-mismatch',
      message: 'x509: certificate is valid for 192.168.99.100, not 127.0.0.2',
    });
  });

  it('says when a certificate has no addresses at all', async () => {
    const port = await startEngine({ names: ['localhost'] });
    expect(await checkTls(target(port), options())).toMatchObject({
      message: "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs",
    });
  });

  it('says when a certificate does not have the name', async () => {
    const port = await startEngine({ names: ['10.0.0.1', 'a.example', 'b.example'] });
    expect(await checkTls(target(port, { host: 'localhost' }), options())).toMatchObject({
      message: 'x509: certificate is valid for a.example, b.example, not localhost',
    });
  });

  it('calls a certificate expired when both clocks agree', async () => {
    const port = await startEngine({ names: ['127.0.0.1'], madeAt: longAgo, date: now });
    expect(await checkTls(target(port), options())).toEqual({
      outcome: 'expired',
      message: `x509: certificate has expired or is not yet valid: current time ${now.toISOString().slice(0, 19)}Z is after 2017-12-15T23:55:00Z`,
    });
  });

  it('calls a certificate not yet valid when both clocks agree', async () => {
    const port = await startEngine({ names: ['127.0.0.1'], madeAt: new Date('2048-01-01T00:00:00Z'), date: now });
    expect(await checkTls(target(port), options())).toMatchObject({
      outcome: 'not-yet-valid',
      message: expect.stringMatching(/current time .* is before 2047-12-31T23:55:00Z$/) as unknown,
    });
  });

  it('blames the clocks when the certificate is good by the engine’s time', async () => {
    const date = new Date('2015-06-01T00:00:00Z');
    const port = await startEngine({ names: ['127.0.0.1'], madeAt: longAgo, date });
    expect(await checkTls(target(port), options())).toMatchObject({
      outcome: 'clock-skew',
      hint: expect.stringContaining('2015-06-01') as unknown,
    });
  });

  it('does not know an authority that is not ours', async () => {
    const port = await startEngine({ names: ['127.0.0.1'], signer: otherCa });
    expect(await checkTls(target(port), options())).toEqual({
      outcome: 'unknown-authority',
      message: 'x509: certificate signed by unknown authority',
    });
  });

  it('trusts every authority of a bundle, in any order', async () => {
    const next = await makeCertificate({ usage: 'authority' });
    for (const bundle of [`${next.cert}${ca.cert}`, `${ca.cert}${next.cert}`])
      for (const signer of [ca, next]) {
        const port = await startEngine({ names: ['127.0.0.1'], signer });
        const check = await checkTls({ ...target(port), ca: bundle }, options());
        expect(check).toMatchObject({ outcome: 'ok' });
      }
    const port = await startEngine({ names: ['127.0.0.1'], signer: otherCa });
    expect(await checkTls({ ...target(port), ca: `${next.cert}${ca.cert}` }, options())).toMatchObject({
      outcome: 'unknown-authority',
    });
  });

  it('is let in by an engine whose bundle has our authority second', async () => {
    const next = await makeCertificate({ usage: 'authority' });
    const port = await startOpenssl([], `${next.cert}${ca.cert}`);
    expect(await checkTls(target(port), { ...options(), wantsAnswer: true })).toMatchObject({ outcome: 'ok' });
    const nextClient = await makeCertificate({ usage: 'client', signer: next });
    expect(await checkTls(target(port, { client: nextClient }), options())).toMatchObject({ outcome: 'ok' });
  });

  it('names the authority of a bundle that expired, and not the one beside it', async () => {
    const port = await startEngine({ names: ['127.0.0.1'], signer: otherCa, date: now });
    expect(await checkTls({ ...target(port), ca: `${ca.cert}${otherCa.cert}` }, options())).toMatchObject({
      outcome: 'expired',
      message: expect.stringContaining('is after 2017-12-15T23:55:00Z') as unknown,
      hint: 'the certificate of the authority itself (ca.pem): tmachine certs renew --all',
    });
  });

  it('reports a bundle whose second certificate is cut off', async () => {
    const port = await startEngine({ names: ['127.0.0.1'] });
    const bundle = `${ca.cert}${otherCa.cert.slice(0, 300)}`;
    expect(await checkTls({ ...target(port), ca: bundle }, options())).toMatchObject({ outcome: 'client-unusable' });
  });

  it('says that the authority itself expired', async () => {
    const port = await startEngine({ names: ['127.0.0.1'], signer: otherCa, date: now });
    expect(await checkTls(target(port, { ca: otherCa }), options())).toMatchObject({ outcome: 'expired' });
  });

  it('says that nothing listens', async () => {
    const port = await findFreePort('127.0.0.1');
    const check = await checkTls(target(port), options());
    expect(check).toEqual({ outcome: 'refused', message: `dial tcp 127.0.0.1:${port}: connect: connection refused` });
    expect(isTransient(check)).toBe(true);
  });

  it('calls a connection that is accepted and dropped a reset, as QEMU does before the guest listens', async () => {
    const port = await startTcp((socket) => socket.resetAndDestroy());
    expect(await checkTls(target(port), options())).toMatchObject({ outcome: 'reset' });
    const closing = await startTcp((socket) => socket.end());
    expect(await checkTls(target(closing), options())).toMatchObject({ outcome: 'reset' });
  });

  it('gives up on a server that says nothing', async () => {
    const port = await startTcp(() => undefined);
    const check = await checkTls(target(port), { ...options(), timeoutMs: 80 });
    expect(check).toEqual({ outcome: 'timeout', message: `read tcp 127.0.0.1:${port}: i/o timeout` });
  });

  it('gives up on an engine that accepts us and does not answer', async () => {
    const port = await startEngine({ names: ['127.0.0.1'], answer: () => undefined });
    expect(await checkTls(target(port), { ...options(), wantsAnswer: true, timeoutMs: 300 })).toMatchObject({
      outcome: 'timeout',
      hint: 'TLS is set up, but the engine does not answer',
    });
  });

  it('takes the ticket of an engine that does not answer for being let in', async () => {
    const port = await startEngine({ names: ['127.0.0.1'], answer: () => undefined });
    expect(await checkTls(target(port), options())).toMatchObject({ outcome: 'ok' });
  });

  it('recognises a server without TLS', async () => {
    const port = await startTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await checkTls(target(port), options())).toEqual({
      outcome: 'not-tls',
      message: 'tls: first record does not look like a TLS handshake',
    });
  });

  it('reports an engine that answers with an error', async () => {
    const answer = (socket: Socket): unknown => socket.end('HTTP/1.1 500 Internal Server Error\r\n\r\n');
    const port = await startEngine({ names: ['127.0.0.1'], answer });
    expect(await checkTls(target(port), { ...options(), wantsAnswer: true })).toMatchObject({
      outcome: 'engine-error',
      message: 'the engine answered GET /_ping with status 500',
    });
  });

  it('reports a key that is not the certificate’s before it connects', async () => {
    const other = await makeCertificate({ usage: 'client', signer: ca });
    const mixed = { ...client, key: other.key };
    expect(await checkTls(target(1, { client: mixed }), options())).toMatchObject({ outcome: 'client-unusable' });
  });

  it.each(['', 'garbage'])('reports an authority that reads %j, whatever the server shows', async (pem) => {
    const port = await startEngine({ names: ['127.0.0.1'], madeAt: longAgo, date: longAgo });
    expect(await checkTls({ ...target(port), ca: pem }, options())).toMatchObject({ outcome: 'client-unusable' });
  });

  it('reports a host name that does not exist', async () => {
    const check = await checkTls(target(2376, { host: 'nowhere.invalid' }), options());
    expect(check).toMatchObject({ outcome: 'unreachable' });
  });

  it('stops when it is aborted', async () => {
    const port = await startTcp(() => undefined);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(checkTls(target(port), { ...options(), signal: controller.signal })).rejects.toThrow('enough');
  });
});

function options(): { timeoutMs: number; now: Date; signal: AbortSignal } {
  return { timeoutMs: 3000, now, signal: new AbortController().signal };
}

function target(port: number, change: { host?: string; ca?: TestPair; client?: TestPair } = {}): TlsTarget {
  const pair = change.client ?? client;
  return { host: change.host ?? '127.0.0.1', port, ca: (change.ca ?? ca).cert, cert: pair.cert, key: pair.key };
}

interface EngineWish {
  readonly names: readonly string[];
  readonly signer?: TestPair;
  readonly madeAt?: Date;
  readonly date?: Date;
  readonly tls?: TlsOptions;
  readonly answer?: (socket: Socket) => unknown;
}

async function startEngine(wish: EngineWish): Promise<number> {
  const { cert, key } = await makeCertificate({ usage: 'server', signer: ca, ...wish });
  const tls = { cert, key, ca: ca.cert, requestCert: true, rejectUnauthorized: true, ...wish.tls };
  const server = createTlsServer(tls, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => (wish.answer ?? answerPing)(socket));
  });
  const answerPing = (socket: Socket): unknown =>
    socket.end(
      `HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nDate: ${(wish.date ?? new Date()).toUTCString()}\r\nContent-Length: 2\r\n\r\nOK`,
    );
  return await listen(server);
}

/** OpenSSL's own server: unlike Node's it says in an alert why it refuses a certificate, as Go's does. */
async function startOpenssl(args: readonly string[], authorities: string = ca.cert): Promise<number> {
  const [port, server] = await Promise.all([
    findFreePort('127.0.0.1'),
    makeCertificate({ usage: 'server', signer: ca, names: ['127.0.0.1'] }),
  ]);
  const files = { 'ca.pem': authorities, 'server.pem': server.cert, 'server-key.pem': server.key };
  await Promise.all(Object.entries(files).map(([name, pem]) => writeFile(join(folder, name), pem)));
  const pair = ['-cert', 'server.pem', '-key', 'server-key.pem', '-CAfile', 'ca.pem'];
  const verify = ['-Verify', '1', '-verify_return_error', '-www', ...args];
  const child = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, ...pair, ...verify], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  for await (const text of child.stdout) if (String(text).includes('ACCEPT')) break;
  return port;
}

async function startTcp(onSocket: (socket: Socket) => unknown): Promise<number> {
  return await listen(createTcpServer(onSocket));
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '0.0.0.0', done));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new TypeError('no address');
  return address.port;
}
