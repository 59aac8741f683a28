import { PassThrough, Writable } from 'node:stream';
import { TmachineError } from '../../errors/tmachine-error.ts';
import type { GuestStreams } from '../guest.ts';
import { readWire, type WireReader } from '../wire.ts';
import { formatHead, parseExtensions, replies, requests } from './message.ts';
import { createMessageReader, type Message } from './message-reader.ts';
import { SftpRefusal, sftpGarbled, sftpMissing, statuses } from './status.ts';

/** What a server said to a request. */
export interface Reply {
  readonly type: number;
  /** Behind the number of the request. */
  readonly body: WireReader;
}

/** A request as data; the bytes of `tail` are sent as they are, those of a file that answer it go to the start of `into`. */
export interface Request {
  readonly type: number;
  readonly body: readonly Uint8Array[];
  readonly tail?: Uint8Array;
  readonly into?: Buffer;
}

/** Requests and their replies over one connection. Any number may be on the way at once. */
export interface SftpSession {
  readonly extensions: ReadonlyMap<string, string>;
  /** Rejects with `SftpRefusal` for every status but `ok`, and with the reason once the connection is gone. */
  ask(request: Request): Promise<Reply>;
  /** Ends the connection; what is still on the way is given up. */
  close(): Promise<void>;
}

/** Carries bytes to and from a server until it ends; resolves with its exit status. */
export type RunServer = (streams: GuestStreams, signal: AbortSignal) => Promise<number>;

const ourVersion = 3;

/** @throws TmachineError `SFTP_MISSING`, `SFTP_GARBLED`, or what makes `runServer` fail. */
export async function openSession(runServer: RunServer): Promise<SftpSession> {
  const wire = startServer(runServer);
  let nextId = 0;
  wire.send([formatHead(requests.init, ourVersion, [])]);
  const { body } = await wire.replyTo(versionId);
  return {
    extensions: parseExtensions(body),
    ask: async ({ type, body: asked, tail, into }) => {
      const id = nextId;
      nextId = (nextId + 1) % 0xffffffff;
      const head = formatHead(type, id, asked, tail?.length);
      wire.send(tail === undefined ? [head] : [head, tail]);
      return await wire.replyTo(id, into);
    },
    close: () => wire.close(),
  };
}

/** The greeting has no number: it takes one that no request has. */
const versionId = -1;

interface ServerWire {
  send(parts: readonly Uint8Array[]): void;
  replyTo(id: number, into?: Buffer): Promise<Reply>;
  close(): Promise<void>;
}

interface Waiting {
  readonly into: Buffer | undefined;
  resolve(reply: Reply): void;
  reject(reason: unknown): void;
}

function startServer(runServer: RunServer): ServerWire {
  const input = new PassThrough();
  const closing = new AbortController();
  const waiting = new Map<number, Waiting>();
  const words: string[] = [];
  let lost: { readonly reason: unknown } | undefined;
  let isGreeted = false;
  const lose = (reason: unknown): void => {
    lost ??= { reason };
    for (const each of waiting.values()) each.reject(lost.reason);
    waiting.clear();
    closing.abort(lost.reason);
  };
  const reader = createMessageReader({
    placeFor: (id) => waiting.get(id)?.into,
    onMessage: (message) => {
      const { id, reply } = parseReply(message);
      isGreeted ||= id === versionId;
      settle(waiting.get(id), reply);
      waiting.delete(id);
    },
  });
  const stdout = sink((chunk) =>
    attempt(
      () => reader(chunk),
      (error) => lose(sftpGarbled(error)),
    ),
  );
  const streams = { stdin: input, stdout, stderr: sink((chunk) => words.push(chunk.toString())) };
  const ended = runServer(streams, closing.signal).then(
    (status) => lose(endedWith(status, words.join(''), isGreeted)),
    (error: unknown) => lose(error),
  );
  return {
    // Bounded by what its users keep on the way, so there is nothing to wait for.
    send: (parts) => {
      for (const part of parts) input.write(part);
    },
    replyTo: async (id, into) =>
      await new Promise((resolve, reject) => {
        if (lost === undefined) waiting.set(id, { resolve, reject, into });
        else reject(lost.reason);
      }),
    close: async () => {
      lose(new TmachineError('The SFTP connection is closed', { code: 'SFTP_CLOSED' }));
      await ended;
    },
  };
}

function parseReply({ type, body }: Message): { readonly id: number; readonly reply: Reply } {
  const reader = readWire(body);
  const number = reader.uint32();
  return { id: type === replies.version ? versionId : number, reply: { type, body: reader } };
}

function settle(waiting: Waiting | undefined, reply: Reply): void {
  const status = reply.type === replies.status ? reply.body.uint32() : statuses.ok;
  if (status === statuses.ok) waiting?.resolve(reply);
  // Servers of older versions send no words.
  else
    waiting?.reject(
      new SftpRefusal(status, reply.body.isAtEnd() ? `status ${status}` : reply.body.string().toString()),
    );
}

function endedWith(status: number, words: string, isGreeted: boolean): TmachineError {
  const said = words.trim().split('\n').at(-1) || `it ended with status ${status}`;
  if (!isGreeted) return sftpMissing(new Error(said));
  return new TmachineError(`The SFTP server of the guest is gone: ${said}`, { code: 'SSH_CONNECTION_LOST' });
}

function sink(take: (chunk: Buffer) => void): Writable {
  return new Writable({
    highWaterMark: 4 * 1024 * 1024,
    write(chunk: Buffer, _encoding, done) {
      take(chunk);
      done();
    },
  });
}

function attempt(work: () => void, onError: (error: unknown) => void): void {
  try {
    work();
  } catch (error) {
    onError(error);
  }
}
