import { setTimeout as sleep } from 'node:timers/promises';
import { type Computer, type TakeLine, TmachineError } from 'tmachine/driver';
import type { Plugin } from './start.ts';

/** Where a plugin listens. */
export interface PluginEndpoint {
  readonly address: string;
  readonly port: number;
}

const addressMs = 10_000;
/** A process that broke the connection is about to end. */
const endingMs = 2000;
const mostLines = 10;

/** What a plugin writes: a first line that tells where it listens, then its log. Its standard error is for who looks for a fault. */
export class PluginWords {
  readonly #plugin: Plugin;
  readonly #emit: Computer['emit'];
  readonly #last: string[] = [];
  readonly #first: Promise<string>;
  #takeFirst: ((line: string) => void) | undefined;

  constructor(plugin: Plugin, emit: Computer['emit']) {
    this.#plugin = plugin;
    this.#emit = emit;
    this.#first = new Promise((resolve) => {
      this.#takeFirst = resolve;
    });
  }

  readonly take: TakeLine = (line, stream) => {
    const takeFirst = this.#takeFirst;
    if (stream === 'stdout' && takeFirst !== undefined) {
      this.#takeFirst = undefined;
      return takeFirst(line);
    }
    if (this.#last.push(line) > mostLines) this.#last.shift();
    this.#emit(stream === 'stdout' ? { type: 'notice', level: 'info', text: line } : { type: 'program.said', line });
  };

  /** @throws TmachineError `PLUGIN_FAILED` when the first line is no address, or does not come in time. */
  async endpoint(ended: Promise<string>, signal: AbortSignal): Promise<PluginEndpoint> {
    const answer = await Promise.race([
      this.#first.then((line) => ({ line, why: `said "${line}" instead of where it listens` })),
      ended.then((status) => ({ line: '', why: `ended with ${status} before it said where it listens` })),
      sleep(addressMs, { line: '', why: `did not say where it listens within ${addressMs / 1000} s` }, { signal }),
    ]);
    const endpoint = parseEndpoint(answer.line);
    if (endpoint === undefined) throw this.#failure(answer.why);
    return endpoint;
  }

  /** The error for a connection that broke. */
  async explain(doing: string, cause: unknown, ended: Promise<string>): Promise<TmachineError> {
    const broke = 'broke the connection';
    const how = await Promise.race([ended.then((status) => `ended with ${status}`), sleep(endingMs, broke)]);
    return this.#failure(`${how} during ${doing}`, cause);
  }

  #failure(what: string, cause?: unknown): TmachineError {
    const last = this.#last.length === 0 ? 'it said nothing' : `it said last:\n${this.#last.join('\n')}`;
    return new TmachineError(`The plugin "${this.#plugin.path}" ${what}; ${last}`, {
      code: 'PLUGIN_FAILED',
      hint: 'see all that it says with --debug',
      cause,
    });
  }
}

/** `127.0.0.1:PORT`; a plugin elsewhere would hear keys and passwords over a network without TLS. */
function parseEndpoint(line: string): PluginEndpoint | undefined {
  const [, address, port] = /^(127(?:\.\d{1,3}){3}):(\d{1,5})$/.exec(line.trim()) ?? [];
  return address === undefined || Number(port) > 65_535 ? undefined : { address, port: Number(port) };
}
