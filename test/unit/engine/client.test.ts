import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createContainer,
  getVersion,
  importImage,
  loadImage,
  ping,
  readContainerOutput,
  removeContainer,
  startContainer,
  waitForContainer,
} from '../../../src/engine/client.ts';
import { parseContainerOutput } from '../../../src/engine/container-output.ts';
import { requestEngine } from '../../../src/engine/request.ts';
import { makeCertificate, type TestPair } from './certificates.ts';

const options = { timeoutMs: 3000, signal: new AbortController().signal };
const servers: Server[] = [];
let ca: TestPair;
let server: TestPair;
let client: TestPair;
let folder: string;

beforeAll(async () => {
  ca = await makeCertificate({ usage: 'authority' });
  server = await makeCertificate({ usage: 'server', signer: ca, names: ['127.0.0.1'] });
  client = await makeCertificate({ usage: 'client', signer: ca });
  folder = await mkdtemp(join(tmpdir(), 'tmachine-client-'));
  return async () => await rm(folder, { recursive: true });
});

afterEach(async () => {
  for (const one of servers) one.closeAllConnections();
  await Promise.all(servers.splice(0).map((one) => new Promise((done) => one.close(done))));
});

describe('getVersion()', () => {
  it('asks over mutual TLS, without an API version in the path', async () => {
    const engine = await startTls((request, response) => {
      expect(request.url).toBe('/version');
      response.end('{"Version":"26.1.5","ApiVersion":"1.45"}');
    });
    expect(await getVersion(engine, options)).toMatchObject({ Version: '26.1.5', ApiVersion: '1.45' });
  });

  it('asks over a Unix socket', async () => {
    const engine = await startUnix((_, response) => response.end('{"Version":"26.1.5"}'));
    expect((await getVersion(engine, options)).Version).toBe('26.1.5');
  });

  it('says when the answer is not JSON', async () => {
    const engine = await startUnix((_, response) => response.end('<html>'));
    await expect(getVersion(engine, options)).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  });
});

describe('requestEngine()', () => {
  it('rejects with the words of the engine', async () => {
    const engine = await startUnix((_, response) => {
      response.statusCode = 404;
      response.end('{"message":"No such container: x"}');
    });
    await expect(startContainer(engine, 'x', options)).rejects.toMatchObject({
      code: 'ENGINE_REFUSED',
      message: 'Cannot POST /containers/x/start: No such container: x',
    });
  });

  it('rejects when nothing listens', async () => {
    await expect(ping({ socketPath: join(folder, 'none.sock') }, options)).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
    });
  });

  it('does not talk to an engine of another authority', async () => {
    const engine = await startTls((_, response) => response.end());
    const other = await makeCertificate({ usage: 'authority' });
    await expect(ping({ ...engine, ca: other.cert }, options)).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  });

  it('never falls back to the authorities of the system when ours is unreadable', async () => {
    const engine = await startTls((_, response) => response.end());
    await expect(ping({ ...engine, ca: '' }, options)).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: `Cannot reach the engine at 127.0.0.1:${engine.port}: the certificate of the authority (ca.pem) is unreadable`,
    });
  });

  it('rejects when the answer takes too long', async () => {
    const engine = await startUnix((_, response) => response.write('{'));
    await expect(getVersion(engine, { ...options, timeoutMs: 60 })).rejects.toMatchObject({
      code: 'ENGINE_TIMED_OUT',
    });
  });

  it('stops when it is aborted', async () => {
    const engine = await startUnix(() => undefined);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(ping(engine, { ...options, signal: controller.signal })).rejects.toThrow('enough');
  });

  it('sends query and body', async () => {
    const engine = await startUnix(echo);
    const call = { method: 'POST', path: '/x', query: { a: '1 2' }, body: { b: 'ü' } } as const;
    expect(JSON.parse((await requestEngine(engine, call, options)).body.toString())).toEqual({
      method: 'POST',
      url: '/x?a=1+2',
      type: 'application/json',
      body: '{"b":"ü"}',
    });
  });
});

describe('a first container', () => {
  it('is imported, made, started, waited for, read and removed', async () => {
    const calls: string[] = [];
    const engine = await startUnix((request, response) => {
      calls.push(`${request.method} ${request.url}`);
      request.resume();
      response.end(answers[`${request.method} ${request.url?.split('?')[0]}`]);
    });
    await importImage(
      engine,
      { rootfs: Buffer.from('tar'), repository: 'hello', tag: '1', changes: ['CMD ["/hello"]'] },
      options,
    );
    const id = await createContainer(engine, { Image: 'hello:1' }, options);
    await startContainer(engine, id, options);
    expect(await waitForContainer(engine, id, options)).toBe(3);
    expect(await readContainerOutput(engine, id, options)).toEqual({ stdout: 'hi', stderr: 'oh' });
    await removeContainer(engine, id, options);
    expect(calls).toEqual([
      'POST /images/create?fromSrc=-&repo=hello&tag=1&changes=CMD+%5B%22%2Fhello%22%5D',
      'POST /containers/create',
      'POST /containers/469a11/start',
      'POST /containers/469a11/wait',
      'GET /containers/469a11/logs?stdout=1&stderr=1',
      'DELETE /containers/469a11?force=1&v=1',
    ]);
  });

  it('is not made of an image the engine refuses', async () => {
    const refusal = '{"stream":"x"}\r\n{"errorDetail":{"message":"no \\"tar\\""},"error":"no \\"tar\\""}\r\n';
    const engine = await startUnix((_, response) => response.end(refusal));
    await expect(loadImage(engine, Buffer.from('x'), options)).rejects.toMatchObject({
      code: 'IMAGE_REFUSED',
      message: 'Cannot load the image: no "tar"',
    });
  });
});

describe('parseContainerOutput()', () => {
  it('takes the output of a terminal as it is', () => {
    expect(parseContainerOutput(Buffer.from('plain text'))).toEqual({ stdout: 'plain text', stderr: '' });
    expect(parseContainerOutput(Buffer.alloc(0))).toEqual({ stdout: '', stderr: '' });
  });
});

const answers: Readonly<Record<string, string>> = {
  'POST /images/create': '{"status":"sha256:1"}',
  'POST /containers/create': '{"Id":"469a11","Warnings":[]}',
  'POST /containers/469a11/wait': '{"StatusCode":3}',
  'GET /containers/469a11/logs': '\x01\0\0\0\0\0\0\x01h\x02\0\0\0\0\0\0\x02oh\x01\0\0\0\0\0\0\x01i',
};

const echo: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += String(chunk);
  });
  request.on('end', () => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, type: headers['content-type'], body }));
  });
};

async function startTls(
  listener: RequestListener,
): Promise<{ host: string; port: number } & Record<'ca' | 'cert' | 'key', string>> {
  const tls = { cert: server.cert, key: server.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
  const running = createHttpsServer(tls, listener);
  servers.push(running);
  await new Promise<void>((done) => running.listen(0, '127.0.0.1', done));
  const address = running.address();
  if (typeof address !== 'object' || address === null) throw new TypeError('no address');
  return { host: '127.0.0.1', port: address.port, ca: ca.cert, cert: client.cert, key: client.key };
}

async function startUnix(listener: RequestListener): Promise<{ socketPath: string }> {
  const running = createHttpServer(listener);
  const socketPath = join(folder, `${servers.push(running)}-${Math.random()}.sock`);
  await new Promise<void>((done) => running.listen(socketPath, done));
  return { socketPath };
}
