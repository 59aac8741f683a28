import { createHash, type Hash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';
import { type HttpContext, httpGet, watch } from './http-get.ts';
import { downloadFailed, type RetryContext, TransientFailure, withRetries } from './retry.ts';
import { retryWhileBusy } from './retry-while-busy.ts';

/** What to fetch and what it must be. `size` in bytes, `sha256` in lower-case hexadecimal. */
export interface DownloadRequest {
  readonly url: string;
  readonly path: string;
  readonly sha256?: string | undefined;
  readonly size?: number | undefined;
}

/** How to fetch. */
export interface DownloadContext extends HttpContext, RetryContext {
  /** Sent along by `fetchBytes`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Told how many more bytes there are; negative when a broken transfer starts over. */
  readonly onBytes?: ((count: number) => void) | undefined;
  /** Told the whole length in bytes, when the server says it. */
  readonly onLength?: ((bytes: number) => void) | undefined;
}

/**
 * Fetches a file: it appears at `path` in one step, complete and verified. With a known digest what a broken transfer
 * brought is kept beside it as `DIGEST.part`, and the next try goes on from there. Two processes must not fetch the
 * same digest into one folder at once.
 *
 * @throws TmachineError `DOWNLOAD_FAILED`, `NOT_FOUND`, `DIGEST_MISMATCH` or `DISK_FULL`, naming the URL or the folder.
 */
export async function download(request: DownloadRequest, context: DownloadContext): Promise<void> {
  await mkdir(dirname(request.path), { recursive: true });
  const partial = join(dirname(request.path), `${request.sha256 ?? `download-${randomUUID()}`}.part`);
  const transfer = { ...request, partial, done: 0 };
  try {
    await withRetries(transfer, context, () => attempt(transfer, context));
    await retryWhileBusy(() => rename(partial, request.path));
  } catch (error) {
    const broken = error instanceof TmachineError && error.code === 'DOWNLOAD_FAILED';
    const resumable = request.sha256 !== undefined && (broken || context.signal.aborted);
    if (!resumable) await rm(partial, { force: true });
    if (isSystemError(error, 'ENOSPC')) throw diskFull(request, error);
    throw error;
  }
}

/** Fetches several files, at most `parallel` at a time; the first failure ends the others. */
export async function downloadAll(
  requests: readonly DownloadRequest[],
  context: DownloadContext & { readonly parallel: number },
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const queue = requests.values();
  let failure: unknown;
  const work = async (): Promise<void> => {
    try {
      for (const request of queue) await download(request, { ...context, signal });
    } catch (error) {
      if (!stop.signal.aborted) failure = error;
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: context.parallel }, work));
  if (stop.signal.aborted) throw failure;
}

/**
 * Fetches a small file into memory.
 *
 * @throws TmachineError `NOT_FOUND`; `DOWNLOAD_FAILED`, also when it has more than `limit` bytes.
 */
export async function fetchBytes(url: string, limit: number, context: DownloadContext): Promise<Uint8Array> {
  return await withRetries({ url, done: 0 }, context, async () => {
    const response = await httpGet(url, context.headers ?? {}, context);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of watch(response, context)) {
      size += chunk.length;
      if (size > limit) throw downloadFailed(url, `it has more than ${limit} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  });
}

/** A transfer under way; `done` bytes are in the partial file. */
interface Transfer extends DownloadRequest {
  readonly partial: string;
  done: number;
}

async function attempt(transfer: Transfer, context: DownloadContext): Promise<void> {
  const file = await open(transfer.partial, transfer.sha256 === undefined ? 'w+' : 'a+');
  try {
    const hash = createHash('sha256');
    const had = await readBack(file, hash, transfer);
    note(transfer, had, context);
    if (transfer.size === undefined || had < transfer.size) await receive(file, { transfer, hash, had }, context);
    judge(transfer, hash.digest('hex'), had);
    await file.sync();
  } catch (error) {
    if (error instanceof StartOver) await file.truncate(0);
    throw error;
  } finally {
    await file.close();
  }
}

/** What is already there is worth only what its digest says in the end. */
async function readBack(file: FileHandle, hash: Hash, { size }: Transfer): Promise<number> {
  const { size: had } = await file.stat();
  if (size !== undefined && had > size) {
    await file.truncate(0);
    return 0;
  }
  if (had > 0) for await (const chunk of file.createReadStream({ autoClose: false, start: 0 })) hash.update(chunk);
  return had;
}

/** The partial file is of no use. */
class StartOver extends TransientFailure {}

async function receive(
  file: FileHandle,
  state: { readonly transfer: Transfer; readonly hash: Hash; readonly had: number },
  context: DownloadContext,
): Promise<void> {
  const { transfer, hash, had } = state;
  const response = await httpGet(transfer.url, had > 0 ? { range: `bytes=${had}-` } : {}, context);
  if (startOf(response) !== had) {
    response.destroy();
    throw new StartOver('the server cannot continue a broken transfer');
  }
  const length = response.headers['content-length'];
  if (length !== undefined) context.onLength?.(had + Number(length));
  for await (const chunk of watch(response, context)) {
    await file.writeFile(chunk);
    hash.update(chunk);
    note(transfer, transfer.done + chunk.length, context);
    if (transfer.done > (transfer.size ?? Number.POSITIVE_INFINITY)) break;
  }
  if (length === undefined && transfer.done < (transfer.size ?? 0))
    throw new TransientFailure('the connection ended early');
}

/** NaN when there is nothing to be had from where we asked. */
function startOf(response: IncomingMessage): number {
  if (response.statusCode === 200) return 0;
  return Number(/^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]);
}

function note(transfer: Transfer, done: number, context: DownloadContext): void {
  if (done !== transfer.done) context.onBytes?.(done - transfer.done);
  transfer.done = done;
}

function judge(transfer: Transfer, sha256: string, had: number): void {
  const { done, size, url } = transfer;
  const wrong =
    size !== undefined && done !== size
      ? `it has ${done > size ? 'more' : 'fewer'} than the ${size} bytes it should have`
      : `its SHA-256 is ${sha256}, not ${transfer.sha256}`;
  if ((size === undefined || done === size) && (transfer.sha256 ?? sha256) === sha256) return;
  if (had > 0) throw new StartOver(wrong);
  throw new TmachineError(`Cannot trust ${url}: ${wrong}`, {
    code: 'DIGEST_MISMATCH',
    hint: 'the server may be in the middle of an update, or not be honest: try again later, or name another',
  });
}

function diskFull({ path }: DownloadRequest, cause: unknown): TmachineError {
  return new TmachineError(`Cannot write to "${dirname(path)}": the disk is full`, {
    code: 'DISK_FULL',
    hint: 'make room, then run the same command again',
    cause,
  });
}
