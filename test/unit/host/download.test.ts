import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createServer as createSecureServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { type DownloadContext, download, downloadAll, fetchBytes } from '../../../src/host/download.ts';
import { serveBytes, startLoopbackServer } from '../../support/loopback-server.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const part = `${sha256}.part`;

function contextOf(changes: Partial<DownloadContext> = {}): DownloadContext {
  return {
    env: {},
    signal: new AbortController().signal,
    attempts: 3,
    retryDelayMs: 1,
    stallTimeoutMs: 200,
    ...changes,
  };
}

describe('download()', () => {
  test('brings a file in one step and tells every byte', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((request, response) => serveBytes(request, response, content));
    const path = join(folder.path, 'deep', 'file');
    let bytes = 0;
    await download(
      { url: `${server.url}/file`, path, sha256, size: content.length },
      contextOf({
        onBytes: (count) => {
          bytes += count;
        },
      }),
    );
    expect((await readFile(path)).equals(content)).toBe(true);
    expect(bytes).toBe(content.length);
    expect(await readdir(join(folder.path, 'deep'))).toEqual(['file']);
  });

  test('resumes where a cut connection ended', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((request, response) => {
      if (request.headers.range !== undefined) return serveBytes(request, response, content);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    let bytes = 0;
    await download(
      { url: `${server.url}/file`, path: join(folder.path, 'file'), sha256, size: content.length },
      contextOf({
        onBytes: (count) => {
          bytes += count;
        },
      }),
    );
    expect((await readFile(join(folder.path, 'file'))).equals(content)).toBe(true);
    expect(server.requests).toEqual(['GET /file', 'GET /file bytes=100000-']);
    expect(bytes).toBe(content.length);
  });

  test('resumes what an earlier call left, and starts over when that was wrong', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((request, response) => serveBytes(request, response, content));
    const request = { url: `${server.url}/file`, path: join(folder.path, 'file'), sha256, size: content.length };
    await writeFile(join(folder.path, part), content.subarray(0, 5));
    await download(request, contextOf());
    await writeFile(join(folder.path, part), 'wrong');
    await download(request, contextOf());
    expect(server.requests).toEqual(['GET /file bytes=5-', 'GET /file bytes=5-', 'GET /file']);
    expect((await readFile(request.path)).equals(content)).toBe(true);
  });

  test('starts over with a server that knows no ranges', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((_, response) => response.end(content));
    await writeFile(join(folder.path, part), content.subarray(0, 5));
    await download({ url: server.url, path: join(folder.path, 'file'), sha256, size: content.length }, contextOf());
    expect((await readFile(join(folder.path, 'file'))).equals(content)).toBe(true);
  });

  test('refuses other bytes than promised and leaves nothing', async () => {
    await using folder = await makeTempFolder();
    const other = Buffer.from(content).fill(0, 7, 8);
    await using server = await startLoopbackServer((request, response) => serveBytes(request, response, other));
    const request = { url: `${server.url}/lie`, path: join(folder.path, 'file'), sha256, size: content.length };
    await expect(download(request, contextOf())).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: expect.stringContaining(`${server.url}/lie`),
    });
    await expect(download({ ...request, size: 10 }, contextOf())).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await expect(download({ ...request, size: 10 ** 6 }, contextOf())).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('ends with the URL when the server stays silent, before or within the file', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((request, response) => {
      if (request.url === '/within') response.writeHead(200, { 'content-length': content.length }).write('abc');
    });
    for (const name of ['before', 'within'])
      await expect(
        download({ url: `${server.url}/${name}`, path: join(folder.path, 'file') }, contextOf({ attempts: 2 })),
      ).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', message: expect.stringContaining(`${server.url}/${name}`) });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('ends a transfer that drips', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((_, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    await expect(
      download({ url: server.url, path: join(folder.path, 'file') }, contextOf({ attempts: 1 })),
    ).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
  });

  test('tries again after 503, and not after 404', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((request, response) => {
      if (request.url === '/gone') response.writeHead(404).end('no');
      else if (server.requests.length < 3) response.writeHead(503).end('busy');
      else serveBytes(request, response, content);
    });
    await download({ url: `${server.url}/busy`, path: join(folder.path, 'file'), sha256 }, contextOf());
    const gone = download({ url: `${server.url}/gone`, path: join(folder.path, 'gone'), sha256 }, contextOf());
    await expect(gone).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(server.requests).toEqual(['GET /busy', 'GET /busy', 'GET /busy', 'GET /gone']);
    expect(await readdir(folder.path)).toEqual(['file']);
  });

  test('names the address of a server that is down', async () => {
    await using folder = await makeTempFolder();
    const server = await startLoopbackServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const call = download({ url: `${server.url}/x`, path: join(folder.path, 'file') }, contextOf());
    await expect(call).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringMatching(`${server.url}/x.*ECONNREFUSED`),
    });
  });

  test('follows redirects, and not without end', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((request, response) => {
      if (request.url === '/end') serveBytes(request, response, content);
      else response.writeHead(302, { location: request.url === '/start' ? 'end' : '/loop' }).end();
    });
    await download({ url: `${server.url}/start`, path: join(folder.path, 'file'), sha256 }, contextOf());
    const loop = download({ url: `${server.url}/loop`, path: join(folder.path, 'loop') }, contextOf());
    await expect(loop).rejects.toThrow('redirects more than');
  });

  test('stops at once when aborted, and keeps what can be resumed', async () => {
    await using folder = await makeTempFolder();
    const stop = new AbortController();
    await using server = await startLoopbackServer((_, response) => {
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000));
      setTimeout(() => stop.abort(), 50);
    });
    const request = { url: server.url, path: join(folder.path, 'file'), sha256, size: content.length };
    await expect(download(request, contextOf({ signal: stop.signal, stallTimeoutMs: 60_000 }))).rejects.toThrow(
      /abort/i,
    );
    expect(await readdir(folder.path)).toEqual([part]);
  });

  test('goes through the proxy of the environment, except where no_proxy says so', async () => {
    await using folder = await makeTempFolder();
    await using proxy = await startLoopbackServer((request, response) => serveBytes(request, response, content));
    const env = { http_proxy: proxy.url, no_proxy: '.internal' };
    await download({ url: 'http://mirror.invalid/a', path: join(folder.path, 'a'), sha256 }, contextOf({ env }));
    expect(proxy.requests).toEqual(['GET http://mirror.invalid/a']);
    const direct = download({ url: 'http://127.0.0.1.internal/a', path: join(folder.path, 'b') }, contextOf({ env }));
    await expect(direct).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(proxy.requests).toHaveLength(1);
  });

  test('asks the proxy of the environment for a tunnel to an https address', async () => {
    await using folder = await makeTempFolder();
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.once('data', (data) => {
        asked.push(data.toString().split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const env = { HTTPS_PROXY: `127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const call = download({ url: 'https://mirror.invalid/a', path: join(folder.path, 'a') }, contextOf({ env }));
    await expect(call).rejects.toThrow('answered with status 403');
    expect(asked).toEqual(['CONNECT mirror.invalid:443 HTTP/1.1']);
    await new Promise((resolve) => proxy.close(resolve));
  });

  test('checks the certificate of the server behind a tunnel, once', async () => {
    await using folder = await makeTempFolder();
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder.path, name)) as [string, string];
    const names = ['-subj', '/CN=mirror.invalid', '-addext', 'subjectAltName=DNS:mirror.invalid'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const asked: (string | undefined)[] = [];
    const server = createSecureServer({
      key: await readFile(key),
      cert: await readFile(cert),
      SNICallback(name, answer) {
        asked.push(name);
        answer(null);
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = createServer((socket) => {
      socket.once('data', (data) => {
        asked.push(data.toString().split('\r\n')[0]);
        const onward = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.pipe(onward).pipe(socket);
        });
        socket.on('error', () => onward.destroy());
        onward.on('error', () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const env = { https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const call = download({ url: 'https://mirror.invalid/a', path: join(folder.path, 'a') }, contextOf({ env }));
    await expect(call).rejects.toThrow('self-signed certificate');
    expect(asked).toEqual(['CONNECT mirror.invalid:443 HTTP/1.1', 'mirror.invalid']);
    await Promise.all([server, proxy].map((each) => new Promise((resolve) => each.close(resolve))));
  });

  test.runIf(process.getuid?.() === 0 && process.platform === 'linux')('leaves nothing on a full disk', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((request, response) => serveBytes(request, response, content));
    const disk = join(folder.path, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmachine-test', disk]);
    try {
      const call = download({ url: server.url, path: join(disk, 'file'), sha256, size: content.length }, contextOf());
      await expect(call).rejects.toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining(disk) });
      expect(await readdir(disk)).toEqual([]);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('downloadAll()', () => {
  test('brings all files, no more than allowed at once', async () => {
    await using folder = await makeTempFolder();
    let underWay = 0;
    let most = 0;
    await using server = await startLoopbackServer((request, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      response.on('close', () => {
        underWay -= 1;
      });
      setTimeout(() => serveBytes(request, response, content), 10);
    });
    const requests = Array.from({ length: 7 }, (_, index) => ({
      url: server.url,
      path: join(folder.path, `${index}`),
    }));
    await downloadAll(requests, { ...contextOf(), parallel: 3 });
    expect(await readdir(folder.path)).toHaveLength(7);
    expect(most).toBeLessThanOrEqual(3);
  });

  test('throws the first failure and ends the others', async () => {
    await using folder = await makeTempFolder();
    await using server = await startLoopbackServer((request, response) => {
      if (request.url === '/0') setTimeout(() => response.writeHead(404).end(), 20);
    });
    const requests = ['0', '1', '2'].map((name) => ({ url: `${server.url}/${name}`, path: join(folder.path, name) }));
    const call = downloadAll(requests, { ...contextOf({ stallTimeoutMs: 60_000 }), parallel: 2 });
    await expect(call).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(server.requests).toHaveLength(2);
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('fetchBytes()', () => {
  test('returns small files and refuses big ones', async () => {
    await using server = await startLoopbackServer((request, response) => serveBytes(request, response, content));
    expect(Buffer.from(await fetchBytes(server.url, content.length, contextOf())).equals(content)).toBe(true);
    await expect(fetchBytes(server.url, 1000, contextOf())).rejects.toThrow('more than 1000 bytes');
  });
});
