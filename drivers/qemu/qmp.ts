import type { Duplex } from 'node:stream';
import { type JsonObject, TmachineError } from 'tmachine/driver';

interface Waiter {
  readonly wants: (message: JsonObject) => boolean;
  readonly resolve: (message: JsonObject) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to QEMU's monitor, ready for commands. QEMU serves one connection at a time: keep it short.
 * Protocol: QEMU Machine Protocol, one JSON object a line.
 */
export class QmpConnection implements AsyncDisposable {
  readonly #socket: Duplex;
  readonly #timeoutMs: number;
  readonly #waiters = new Set<Waiter>();
  #unread = '';
  #closed: Error | undefined;
  #lastId = 0;

  private constructor(socket: Duplex, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('QEMU closed the connection')));
  }

  /** Waits for the greeting and leaves the negotiation mode. Each later answer may take `timeoutMs` too. */
  static async open(socket: Duplex, timeoutMs: number): Promise<QmpConnection> {
    const connection = new QmpConnection(socket, timeoutMs);
    try {
      await connection.#next('greeting', (message) => message['QMP'] !== undefined);
      await connection.execute('qmp_capabilities');
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * The `return` member of QEMU's answer.
   *
   * @throws TmachineError `QMP_REFUSED` when QEMU answers with an error, `QMP_SILENT` when it does not answer.
   */
  async execute(command: string): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = this.#next(`answer to ${command}`, (message) => message['id'] === id);
    this.#socket.write(`${JSON.stringify({ execute: command, id })}\n`);
    const message = await answer;
    const error = message['error'] as { readonly desc?: string } | undefined;
    if (error === undefined) return message['return'];
    throw new TmachineError(`QEMU refused "${command}": ${error.desc ?? 'no reason given'}`, { code: 'QMP_REFUSED' });
  }

  /** Executes a command and waits for the event that tells it has been carried out. */
  async executeUntil(command: string, event: string): Promise<void> {
    const seen = this.#next(`event ${event}`, (message) => message['event'] === event);
    // The command's own failure comes first; this one must not be reported a second time.
    seen.catch(() => undefined);
    await this.execute(command);
    await seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Error('the connection was closed'));
    this.#socket.destroy();
  }

  #next(what: string, wants: Waiter['wants']): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(silent(what, this.#closed));
      const timer = setTimeout(
        () => waiter.reject(new Error(`nothing came for ${this.#timeoutMs} ms`)),
        this.#timeoutMs,
      );
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        wants,
        resolve: (message) => {
          settle();
          resolve(message);
        },
        reject: (error) => {
          settle();
          reject(silent(what, error));
        },
      };
      this.#waiters.add(waiter);
    });
  }

  #read(text: string): void {
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) this.#deliver(line);
  }

  #deliver(line: string): void {
    const message = parseMessage(line);
    if (message === undefined) return;
    for (const waiter of [...this.#waiters]) if (waiter.wants(message)) waiter.resolve(message);
  }

  #fail(error: Error): void {
    this.#closed ??= error;
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }
}

function parseMessage(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function silent(what: string, cause: Error): TmachineError {
  return new TmachineError(`QEMU's monitor gave no ${what}: ${cause.message}`, { code: 'QMP_SILENT', cause });
}
