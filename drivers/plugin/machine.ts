import { type DriverRecord, type Host, type JsonObject, TmachineError } from 'tmachine/driver';
import type { PluginAction, PluginClient } from './client.ts';
import type { PluginFlagValues } from './flag-values.ts';
import { pendingFlags } from './flags.ts';
import { PluginLost, PluginRefusal } from './plugin-errors.ts';
import { type Plugin, type StartedPlugin, startPlugin } from './start.ts';

/** A machine as its plugin knows it. The plugin is started for the first question. */
export class PluginMachine implements AsyncDisposable {
  readonly #record: DriverRecord;
  readonly #host: Host;
  readonly #plugin: Plugin;
  #data: JsonObject;
  #dataJson: string | undefined;
  #started: Promise<StartedPlugin> | undefined;

  constructor(record: DriverRecord, { host, plugin }: { readonly host: Host; readonly plugin: Plugin }) {
    this.#record = record;
    this.#host = host;
    this.#plugin = plugin;
    this.#data = record.data;
  }

  get data(): JsonObject {
    return this.#data;
  }

  /** What the plugin wrote, once it was asked. */
  get dataJson(): string | undefined {
    return this.#dataJson;
  }

  /** @throws TmachineError `PLUGIN_REFUSED` in the plugin's words, `PLUGIN_FAILED` when it broke down. */
  async ask<T>(doing: string, question: (client: PluginClient) => Promise<T>): Promise<T> {
    this.#started ??= this.#start();
    const started = await this.#started;
    return await this.#explained(started, doing, () => question(started.client));
  }

  /** Has the plugin do something, and keeps what it learnt even when that fails. */
  async act(verb: PluginAction): Promise<void> {
    try {
      await this.ask(verb, (client) => client.act(verb));
    } catch (error) {
      await this.learn().catch(() => undefined);
      throw error;
    }
    await this.learn();
  }

  /** Takes over what the plugin knows now. Resolves with whether that is news. */
  async learn(): Promise<boolean> {
    const json = await this.ask('GetConfigRaw', (client) => client.configRaw());
    if (json === this.#dataJson) return false;
    this.#data = parseData(json, this.#plugin);
    this.#dataJson = json;
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const started = await this.#started?.catch(() => undefined);
    await started?.[Symbol.asyncDispose]();
  }

  async #start(): Promise<StartedPlugin> {
    const started = await startPlugin(this.#plugin, this.#host);
    try {
      await this.#explained(started, 'SetConfigRaw', () => this.#tell(started.client));
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A machine that has never been seen by its plugin is told by its flags. */
  async #tell(client: PluginClient): Promise<void> {
    const pending = this.#data[pendingFlags] as PluginFlagValues | undefined;
    if (pending === undefined)
      return await client.setConfigRaw(this.#record.dataJson?.() ?? JSON.stringify(this.#data));
    const { MachineName, StorePath } = this.#data;
    await client.setConfigRaw(JSON.stringify({ MachineName, StorePath }));
    await client.setConfigFromFlags(pending);
  }

  async #explained<T>(started: StartedPlugin, doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#host.signal.throwIfAborted();
      if (error instanceof PluginRefusal)
        throw new TmachineError(error.reason, { code: error.code, cause: error.cause });
      if (!(error instanceof PluginLost)) throw error;
      throw await started.explain(doing, error);
    }
  }
}

function parseData(json: string, plugin: Plugin): JsonObject {
  try {
    const data: unknown = JSON.parse(json);
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as JsonObject;
    throw new TypeError(`${json} is not an object`);
  } catch (cause) {
    const message = `The plugin "${plugin.path}" keeps no JSON object about its machine`;
    throw new TmachineError(message, { code: 'PLUGIN_FAILED', cause });
  }
}
