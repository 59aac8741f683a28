import type { IncomingMessage, RequestOptions } from 'node:http';
import { isIP } from 'node:net';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { formatCertificateAlert } from './go-wording.ts';
import { isCertificate } from './judge-certificate.ts';
import type { TlsTarget } from './tls-check.ts';

/** Where an engine listens: behind mutual TLS, or on a Unix socket (a named pipe on Windows). */
export type EngineAddress = TlsTarget | { readonly socketPath: string };

/** How long one call may take, and what ends it early. */
export interface EngineCallOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One call of the Engine API; `path` has no version, so that the engine's own version answers. */
export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Bytes go as a tar, anything else as JSON. */
  readonly body?: unknown;
}

/** What an engine answered. */
export interface EngineAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * One call of the Docker Engine API, with the whole answer.
 *
 * @throws TmachineError `ENGINE_UNREACHABLE`, `ENGINE_TIMED_OUT`, or `ENGINE_REFUSED` with the engine's own words when it answers with an error.
 */
export async function requestEngine(
  engine: EngineAddress,
  call: EngineCall,
  options: EngineCallOptions,
): Promise<EngineAnswer> {
  options.signal.throwIfAborted();
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  try {
    const answer = await exchange(engine, call, signal);
    if (answer.status < 400) return answer;
    throw new TmachineError(`Cannot ${describe(call)}: ${parseErrorMessage(answer)}`, { code: 'ENGINE_REFUSED' });
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof TmachineError) throw error;
    if (deadline.aborted)
      throw new TmachineError(
        `Cannot ${describe(call)}: no complete answer from ${nameOf(engine)} within ${options.timeoutMs / 1000} s`,
        { code: 'ENGINE_TIMED_OUT', cause: error },
      );
    const alert = formatCertificateAlert(String((error as NodeJS.ErrnoException).code));
    throw new TmachineError(`Cannot reach the engine at ${nameOf(engine)}: ${alert ?? messageOf(error)}`, {
      code: 'ENGINE_UNREACHABLE',
      cause: error,
    });
  }
}

async function exchange(engine: EngineAddress, call: EngineCall, signal: AbortSignal): Promise<EngineAnswer> {
  const isLocal = 'socketPath' in engine;
  const { request } = isLocal ? await import('node:http') : await import('node:https');
  const body = encodeBody(call.body);
  const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query)}`;
  const settings: RequestOptions = {
    ...(isLocal ? { socketPath: engine.socketPath } : tlsSettings(engine)),
    method: call.method,
    path: `${call.path}${query}`,
    headers: { ...body?.headers, Host: isLocal ? 'docker' : nameOf(engine) },
    agent: false,
    signal,
  };
  return await new Promise((resolve, reject) => {
    const outgoing = request(settings, (incoming) => {
      readAnswer(incoming).then(resolve, reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body?.bytes);
  });
}

function tlsSettings({ host, port, ca, cert, key, share }: TlsTarget): RequestOptions {
  if (!isCertificate(ca)) throw new Error('the certificate of the authority (ca.pem) is unreadable');
  const identity = share === undefined ? { ca, cert, key } : { secureContext: share({ ca, cert, key }) };
  return { host, port, ...identity, ...(isIP(host) === 0 ? { servername: host } : {}) };
}

interface EncodedBody {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string | number>>;
}

function encodeBody(body: unknown): EncodedBody | undefined {
  if (body === undefined) return undefined;
  const isTar = body instanceof Uint8Array;
  const bytes = isTar ? body : Buffer.from(JSON.stringify(body));
  const type = isTar ? 'application/x-tar' : 'application/json';
  return { bytes, headers: { 'Content-Type': type, 'Content-Length': bytes.length } };
}

async function readAnswer(incoming: IncomingMessage): Promise<EngineAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) };
}

/** Errors of the Engine API are `{"message": "…"}`; anything else is shown as it came. */
function parseErrorMessage(answer: EngineAnswer): string {
  const text = answer.body.toString('utf8').trim();
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not JSON: a proxy answers for the engine, or a very old engine.
  }
  return text === '' ? `status ${answer.status}` : text.slice(0, 500);
}

function describe(call: EngineCall): string {
  return `${call.method} ${call.path}`;
}

function nameOf(engine: EngineAddress): string {
  if ('socketPath' in engine) return engine.socketPath;
  return `${isIP(engine.host) === 6 ? `[${engine.host}]` : engine.host}:${engine.port}`;
}
