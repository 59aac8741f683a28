import type { Duplex } from 'node:stream';
import { TmachineError } from 'tmachine/driver';
import { GobDecoder } from './gob/gob-decoder.ts';
import { GobEncoder } from './gob/gob-encoder.ts';
import { type GobValue, isStruct, type TypedValue } from './gob/gob-value.ts';
import { shakeHands } from './handshake.ts';
import { PluginLost, PluginRefusal } from './plugin-errors.ts';
import { sent, sentTypes } from './sent-types.ts';

interface Waiter {
  readonly method: string;
  readonly resolve: (value: GobValue) => void;
  readonly reject: (error: unknown) => void;
}

interface Response {
  readonly seq: number;
  readonly error: string;
}

/**
 * A connection to a server of Go's net/rpc. Calls may overlap: each has a number, and answers come in any order.
 * Specification: https://pkg.go.dev/net/rpc, with its default codec, gobs.
 */
export class RpcConnection implements AsyncDisposable {
  readonly #socket: Duplex;
  readonly #signal: AbortSignal;
  readonly #encoder = new GobEncoder(sentTypes);
  readonly #decoder = new GobDecoder();
  readonly #waiters = new Map<number, Waiter>();
  readonly #abort = (): void => this.#end(this.#signal.reason);
  /** Whose body comes next. */
  #response: Response | undefined;
  #ended: { readonly reason: unknown } | undefined;
  #lastSeq = 0;

  private constructor(socket: Duplex, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    socket.on('error', (error) => this.#end(new PluginLost(error)));
    socket.on('close', () => this.#end(new PluginLost('the plugin closed it')));
    signal.addEventListener('abort', this.#abort);
    if (signal.aborted) this.#abort();
  }

  /** Takes over a connection, which ends with the signal. */
  static async open(socket: Duplex, signal: AbortSignal): Promise<RpcConnection> {
    const connection = new RpcConnection(socket, signal);
    try {
      connection.#read(await shakeHands(socket));
    } catch (error) {
      connection.#end(error instanceof TmachineError ? error : new PluginLost(error));
    }
    if (connection.#ended !== undefined) throw connection.#ended.reason;
    socket.on('data', (chunk: Buffer) => connection.#read(chunk));
    socket.resume();
    return connection;
  }

  /**
   * The answer to a call. A signal ends the waiting for it; the server is not told, and does what it does.
   *
   * @throws PluginRefusal, PluginLost, GobError for an argument that cannot be sent, or the reason of a signal.
   */
  call(method: string, argument: TypedValue, signal?: AbortSignal): Promise<GobValue> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended.reason;
      signal?.throwIfAborted();
      const seq = this.#lastSeq + 1;
      const request = { type: sent.request, value: { fields: { ServiceMethod: method, Seq: seq } } };
      this.#socket.write(this.#encoder.encode(request, argument));
      this.#lastSeq = seq;
      const abort = (): void => this.#settle(seq)?.reject(signal?.reason);
      signal?.addEventListener('abort', abort);
      const settled = (): void => signal?.removeEventListener('abort', abort);
      this.#waiters.set(seq, {
        method,
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new PluginLost('tmachine closed it'));
  }

  #read(chunk: Uint8Array): void {
    try {
      this.#decoder.push(chunk);
      for (let next = this.#decoder.next(); next !== undefined; next = this.#decoder.next()) this.#take(next.value);
    } catch (error) {
      this.#end(new PluginLost(error));
    }
  }

  /** Responses and their bodies take turns; that of an error means nothing. Nobody may be waiting any more. */
  #take(value: GobValue): void {
    if (this.#response === undefined) {
      this.#response = parseResponse(value);
      return;
    }
    const { seq, error } = this.#response;
    this.#response = undefined;
    const waiter = this.#settle(seq);
    if (error === '') waiter?.resolve(value);
    else waiter?.reject(new PluginRefusal(waiter.method.replace(/^.*\./, ''), error));
  }

  #settle(seq: number): Waiter | undefined {
    const waiter = this.#waiters.get(seq);
    this.#waiters.delete(seq);
    return waiter;
  }

  #end(reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    this.#signal.removeEventListener('abort', this.#abort);
    for (const seq of [...this.#waiters.keys()]) this.#settle(seq)?.reject(reason);
    this.#socket.destroy();
  }
}

function parseResponse(value: GobValue): Response {
  const fields = isStruct(value) ? value.fields : {};
  const { Seq: seq, Error: error = '' } = fields;
  if (typeof seq !== 'number' || typeof error !== 'string') throw new Error('an answer does not say to what');
  return { seq, error };
}
