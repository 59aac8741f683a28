import type { IncomingMessage, RequestOptions } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import type { Environment } from './environment.ts';
import { findProxy } from './proxy.ts';
import { downloadFailed, TransientFailure } from './retry.ts';

/** What every transfer needs. A server that is silent for `stallTimeoutMs` (30 s) counts as down. */
export interface HttpContext {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly stallTimeoutMs?: number | undefined;
}

const maxRedirects = 10;

const defaultStallTimeoutMs = 30_000;

/**
 * Starts a GET through the proxy that the environment names, follows redirects, and resolves with a response of status
 * 200, 206 or 416. The caller reads or destroys it.
 *
 * @throws TransientFailure for a broken or silent connection and for statuses 408, 429 and 5xx.
 * @throws TmachineError `NOT_FOUND` for statuses 404 and 410.
 * @throws TmachineError `DOWNLOAD_FAILED` for any other status or an address that is not http or https.
 */
export async function httpGet(
  address: string,
  headers: Readonly<Record<string, string>>,
  context: HttpContext,
): Promise<IncomingMessage> {
  let url = parseAddress(address);
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const response = await send(url, headers, context);
    const status = response.statusCode ?? 0;
    if (status === 200 || (headers['range'] !== undefined && (status === 206 || status === 416))) return response;
    response.destroy();
    const target = response.headers.location;
    if (status < 300 || status >= 400 || target === undefined) throw refused(address, status);
    const next = parseAddress(new URL(target, url).href);
    if (url.protocol === 'https:' && next.protocol === 'http:')
      throw downloadFailed(address, 'it redirects from https to http');
    url = next;
  }
  throw downloadFailed(address, `it redirects more than ${maxRedirects} times`);
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw downloadFailed(address, 'it is not an http or https address');
}

async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  context: HttpContext,
): Promise<IncomingMessage> {
  const { request: plain } = await import('node:http');
  const { request: secure } = await import('node:https');
  const proxy = findProxy(url, context.env);
  const options: RequestOptions = { method: 'GET', headers, agent: false, signal: context.signal };
  if (proxy === undefined)
    return await answerOf(url, context, (url.protocol === 'https:' ? secure : plain)(url, options));
  if (url.protocol === 'http:') {
    const through = { ...options, headers: { ...headers, host: url.host, ...authorization(proxy) }, path: url.href };
    return await answerOf(url, context, (proxy.protocol === 'https:' ? secure : plain)(proxy, through));
  }
  const socket = await connectTunnel(url, proxy, context);
  const { connect } = await import('node:tls');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const createConnection = (): Duplex => connect({ socket, host, ...servername });
  // With an agent, even `false`, Node would open a connection of its own.
  return await answerOf(
    url,
    context,
    secure(url, { ...options, agent: undefined, defaultPort: 443, createConnection }),
  );
}

function authorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** An https address behind a proxy is reached through CONNECT (RFC 9110, 9.3.6). */
async function connectTunnel(url: URL, proxy: URL, context: HttpContext): Promise<Duplex> {
  const { request } = await import(proxy.protocol === 'https:' ? 'node:https' : 'node:http');
  const path = `${url.hostname}:${url.port || '443'}`;
  const call: import('node:http').ClientRequest = request(proxy, {
    method: 'CONNECT',
    path,
    headers: { host: path, ...authorization(proxy) },
    agent: false,
    signal: context.signal,
  });
  return await settle(url, context, call, (resolve, reject) => {
    call.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(downloadFailed(url.href, `the proxy ${proxy.host} answered with status ${response.statusCode}`));
    });
  });
}

async function answerOf(
  url: URL,
  context: HttpContext,
  call: import('node:http').ClientRequest,
): Promise<IncomingMessage> {
  return await settle(url, context, call, (resolve) => {
    call.once('response', (response) => {
      // Whoever reads it gets the error; until then it must not end the process.
      response.on('error', () => undefined);
      resolve(response);
    });
  });
}

type Listen<T> = (resolve: (value: T) => void, reject: (error: Error) => void) => void;

/** Ends a request that fails, stays silent too long or is aborted. */
async function settle<T>(
  url: URL,
  context: HttpContext,
  call: import('node:http').ClientRequest,
  listen: Listen<T>,
): Promise<T> {
  const limitMs = context.stallTimeoutMs ?? defaultStallTimeoutMs;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => call.destroy(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
      listen(resolve, reject);
      call.on('error', reject);
      call.end();
    });
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof TmachineError) throw error;
    const reason = `${url.host}: ${messageOf(error) || codeOf(error)}`;
    if (/CERT|ERR_TLS/.test(codeOf(error))) throw downloadFailed(url.href, reason, error);
    throw new TransientFailure(reason, error);
  } finally {
    clearTimeout(timer);
  }
}

/** Node's failure to connect to any of several addresses has a code but no message. */
function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'the connection failed';
}

function refused(address: string, status: number): Error {
  const text = `the server answered with status ${status}`;
  if (status === 408 || status === 429 || status >= 500) return new TransientFailure(text);
  if (status !== 404 && status !== 410) return downloadFailed(address, text);
  return new TmachineError(`Cannot download ${address}: the server has no such file`, { code: 'NOT_FOUND' });
}

/** The bytes of a response; one that brings less than 1 kB/s over the stall time counts as broken. */
export async function* watch(response: IncomingMessage, context: HttpContext): AsyncGenerator<Uint8Array> {
  const limitMs = context.stallTimeoutMs ?? defaultStallTimeoutMs;
  let fresh = 0;
  const timer = setInterval(() => {
    if (fresh < limitMs) response.destroy(new Error(`only ${fresh} bytes within ${limitMs / 1000} s`));
    fresh = 0;
  }, limitMs);
  try {
    for await (const chunk of response) {
      fresh += chunk.length;
      yield chunk;
    }
  } catch (error) {
    context.signal.throwIfAborted();
    throw new TransientFailure(`the connection broke: ${messageOf(error)}`, error);
  } finally {
    clearInterval(timer);
    response.destroy();
  }
}
