import { type Host, type LocalEndpoint, TmachineError } from 'tmachine/driver';
import { formatFlagValues, type PluginFlagValues } from './flag-values.ts';
import type { GobValue, TypedValue } from './gob/gob-value.ts';
import { basic } from './gob/wire-type.ts';
import { PluginLost, PluginRefusal } from './plugin-errors.ts';
import { type PluginFlag, parsePluginFlags } from './plugin-flag.ts';
import { RpcConnection } from './rpc.ts';
import { sent } from './sent-types.ts';

/** Questions that a text answers. */
export type PluginQuestion =
  | 'GetIP'
  | 'GetURL'
  | 'GetSSHHostname'
  | 'GetSSHKeyPath'
  | 'GetSSHUsername'
  | 'GetMachineName'
  | 'DriverName';

/** What a plugin does and has no answer to. */
export type PluginAction = 'PreCreateCheck' | 'Create' | 'Remove' | 'Start' | 'Stop' | 'Restart' | 'Kill';

const nothing: TypedValue = { type: sent.nothing, value: { fields: {} } };
const services = { present: 'RPCServerDriver', old: 'RpcServerDriver' } as const;
/** How Go's gob decoder begins to refuse a value of a type that it was not told of. */
const typeUnknown = 'gob: name not registered for interface';
/** A plugin says nothing about it being closed, if it ends soon enough. */
const closeMs = 2000;

/**
 * A driver plugin of docker-machine that has been started. It ends by itself when no heartbeat comes for 10 s (one made with docker-machine
 * 0.5: 500 ms), so those have to be sent all the time. Any call can be given up by a signal of its own.
 * Specification: docker-machine 0.16, `libmachine/drivers/rpc`.
 *
 * @throws PluginRefusal when the plugin answers with an error; PluginLost when it is gone; the reason of a signal.
 */
export class PluginClient implements AsyncDisposable {
  readonly #connection: RpcConnection;
  #service: string = services.present;

  private constructor(connection: RpcConnection) {
    this.#connection = connection;
  }

  /** Connects to the address that a plugin printed; the connection ends with the signal. */
  static async connect(
    network: Pick<Host['network'], 'connect'>,
    endpoint: LocalEndpoint,
    signal: AbortSignal,
  ): Promise<PluginClient> {
    signal.throwIfAborted();
    const socket = await network.connect(endpoint).catch((error: unknown) => {
      throw new PluginLost(error);
    });
    return new PluginClient(await RpcConnection.open(socket, signal));
  }

  /** The version of docker-machine's interface that the plugin was made for. */
  async version(signal?: AbortSignal): Promise<number> {
    return await this.#number('GetVersion', signal);
  }

  async createFlags(signal?: AbortSignal): Promise<readonly PluginFlag[]> {
    const flags = parsePluginFlags(await this.#call('GetCreateFlags', nothing, signal));
    return flags ?? unreadable('GetCreateFlags');
  }

  async setConfigFromFlags(values: PluginFlagValues, signal?: AbortSignal): Promise<void> {
    try {
      await this.#call('SetConfigFromFlags', formatFlagValues(values), signal);
    } catch (error) {
      if (!(error instanceof PluginRefusal && error.reason.startsWith(typeUnknown))) throw error;
      await this.#call('SetConfigFromFlags', formatFlagValues(values, 'RpcFlags'), signal);
    }
  }

  /** Gives the plugin what it keeps of a machine, as JSON. */
  async setConfigRaw(json: string, signal?: AbortSignal): Promise<void> {
    await this.#call('SetConfigRaw', { type: basic.bytes, value: new TextEncoder().encode(json) }, signal);
  }

  /** What the plugin wants to be kept of the machine: its JSON, byte for byte. */
  async configRaw(signal?: AbortSignal): Promise<string> {
    const answer = await this.#call('GetConfigRaw', nothing, signal);
    return answer instanceof Uint8Array ? parseUtf8(answer) : unreadable('GetConfigRaw');
  }

  async ask(question: PluginQuestion, signal?: AbortSignal): Promise<string> {
    const answer = await this.#call(question, nothing, signal);
    return typeof answer === 'string' ? answer : unreadable(question);
  }

  async sshPort(signal?: AbortSignal): Promise<number> {
    return await this.#number('GetSSHPort', signal);
  }

  /** The number of a state: 0 none, 1 running, 2 paused, 3 saved, 4 stopped, 5 stopping, 6 starting, 7 error, 8 timeout. */
  async state(signal?: AbortSignal): Promise<number> {
    return await this.#number('GetState', signal);
  }

  async act(action: PluginAction, signal?: AbortSignal): Promise<void> {
    await this.#call(action, nothing, signal);
  }

  async heartbeat(signal?: AbortSignal): Promise<void> {
    await this.#call('Heartbeat', nothing, signal);
  }

  /** Lets the plugin end, and the connection; never fails. What is being waited for is given up. */
  async close(): Promise<void> {
    // It may be gone before its answer is on the way, or have been gone before.
    await this.#call('Close', nothing, AbortSignal.timeout(closeMs)).catch(() => undefined);
    await this.#connection[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #number(method: string, signal: AbortSignal | undefined): Promise<number> {
    const answer = await this.#call(method, nothing, signal);
    return typeof answer === 'number' ? answer : unreadable(method);
  }

  /** Plugins made with old versions of docker-machine have another name for the service, and refuse the present one. */
  async #call(method: string, argument: TypedValue, signal: AbortSignal | undefined): Promise<GobValue> {
    const service = this.#service;
    try {
      return await this.#connection.call(`${service}.${method}`, argument, signal);
    } catch (error) {
      if (service === services.old || !isServiceUnknown(error)) throw error;
      this.#service = services.old;
      return await this.#call(method, argument, signal);
    }
  }
}

function isServiceUnknown(error: unknown): boolean {
  return error instanceof PluginRefusal && error.reason.startsWith(`rpc: can't find service ${services.present}.`);
}

function parseUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function unreadable(method: string): never {
  const message = `${method} of the driver plugin gave an answer that tmachine cannot read`;
  throw new TmachineError(message, { code: 'PLUGIN_ANSWER_UNREADABLE' });
}
