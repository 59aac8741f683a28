import { setTimeout as sleep } from 'node:timers/promises';
import { type Computer, type TakeLine, TmachineError } from 'tmachine/driver';
import type { Plugin } from './start.ts';

/** Where a plugin listens. */
export interface PluginEndpoint {
  readonly address: string;
  readonly port: number;
}

/** What a plugin says while it works. */
export interface PluginWords {
  readonly take: TakeLine;
  /** @throws TmachineError `PLUGIN_FAILED` when its first line is no address, or does not come in time. */
  endpoint(of: {
    readonly plugin: Plugin;
    readonly ended: Promise<string>;
    readonly signal: AbortSignal;
  }): Promise<PluginEndpoint>;
  /** The error for a connection that broke. */
  explain(of: {
    readonly plugin: Plugin;
    readonly doing: string;
    readonly cause: unknown;
    readonly ended: Promise<string>;
  }): Promise<TmachineError>;
}

const addressMs = 10_000;
/** A process that broke the connection is about to end. */
const endingMs = 2000;
const mostLines = 10;

/** Tells the first line from the others, which are the plugin's log: its standard error is for whoever looks for a fault. */
export function listenToPlugin(emit: Computer['emit']): PluginWords {
  const said: string[] = [];
  let first: string | undefined;
  let resolveFirst: (line: string) => void = () => undefined;
  const firstLine = new Promise<string>((resolve) => {
    resolveFirst = resolve;
  });
  const tail = (): string => (said.length === 0 ? 'it said nothing' : `it said last:\n${said.join('\n')}`);
  return {
    take: (line, stream) => {
      if (stream === 'stdout' && first === undefined) {
        first = line;
        return resolveFirst(line);
      }
      if (said.push(line) > mostLines) said.shift();
      emit(stream === 'stdout' ? { type: 'notice', level: 'info', text: line } : { type: 'program.said', line });
    },
    endpoint: async ({ plugin, ended, signal }) => {
      const how = ended.then((status) => ({ status }));
      const answer = await Promise.race([firstLine, how, sleep(addressMs, undefined, { signal, ref: false })]);
      const endpoint = typeof answer === 'string' ? parseEndpoint(answer) : undefined;
      if (endpoint !== undefined) return endpoint;
      const why =
        answer === undefined
          ? `did not say where it listens within ${addressMs / 1000} s`
          : typeof answer === 'string'
            ? `said "${answer}" instead of where it listens`
            : `ended with ${answer.status} before it said where it listens`;
      throw new TmachineError(`The plugin "${plugin.path}" ${why}; ${tail()}`, { code: 'PLUGIN_FAILED' });
    },
    explain: async ({ plugin, doing, cause, ended }) => {
      const status = await Promise.race([ended, sleep(endingMs, 'no exit', { ref: false })]);
      const how = status === 'no exit' ? 'broke the connection' : `ended with ${status}`;
      return new TmachineError(`The plugin "${plugin.path}" ${how} during ${doing}; ${tail()}`, {
        code: 'PLUGIN_FAILED',
        hint: `see all that it says: tmachine --debug ...`,
        cause,
      });
    },
  };
}

/** `127.0.0.1:PORT`; a plugin elsewhere would hear keys and passwords over a network without TLS. */
export function parseEndpoint(line: string): PluginEndpoint | undefined {
  const [, address, port] = /^(127(?:\.\d{1,3}){3}):(\d{1,5})$/.exec(line.trim()) ?? [];
  return address === undefined || Number(port) > 65_535 ? undefined : { address, port: Number(port) };
}
