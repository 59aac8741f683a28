import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver, DriverDefinition, JsonObject } from '../../src/driver/contract.ts';
import type { BootImage, Host } from '../../src/driver/host.ts';
import { resolveFlags, type TypedFlags } from '../../src/driver/resolve-flags.ts';
import type { EventBody } from '../../src/events/event.ts';
import type { Environment } from '../../src/host/environment.ts';
import { createDriverHost } from '../../src/machine/driver-host.ts';

/** How a test store differs from the usual. */
export interface DriverStoreOptions {
  readonly image: Uint8Array;
  readonly env?: Environment | undefined;
  /** A folder to put the store in, instead of a new temporary one. */
  readonly under?: string | undefined;
}

/** A temporary store in which one driver's machines live; disposing of it removes them all. */
export class DriverStore implements AsyncDisposable {
  readonly events: EventBody[] = [];
  readonly #options: DriverStoreOptions;
  readonly #definition: DriverDefinition;
  readonly #data = new Map<string, JsonObject>();
  readonly root: string;

  private constructor(root: string, definition: DriverDefinition, options: DriverStoreOptions) {
    this.root = root;
    this.#definition = definition;
    this.#options = options;
  }

  static async make(definition: DriverDefinition, options: DriverStoreOptions): Promise<DriverStore> {
    const root = options.under ?? (await mkdtemp(join(tmpdir(), 'tmachine-driver-')));
    await mkdir(root, { recursive: true });
    await writeFile(join(root, 'image.iso'), options.image);
    return new DriverStore(root, definition, options);
  }

  /** Configures a machine from flags, as `create` would. */
  async add(name: string, typed: TypedFlags = {}): Promise<void> {
    const values = resolveFlags(this.#definition.flags, typed, {});
    const place = { name, storePath: this.root, sshKeyPath: join(this.directory(name), 'id_rsa') };
    this.#data.set(name, this.#definition.configure(values, place));
    await mkdir(this.directory(name), { recursive: true, mode: 0o700 });
  }

  /** A driver from the stored data, as each command opens it anew. */
  async open(name: string, change: (host: Host) => Host = (host) => host): Promise<Driver> {
    return await this.#definition.open({ name, data: this.data(name) }, change(this.host(name)));
  }

  data(name: string): JsonObject {
    const data = this.#data.get(name);
    if (data === undefined) throw new Error(`The test has not added a machine "${name}"`);
    return data;
  }

  directory(name: string): string {
    return join(this.root, 'machines', name);
  }

  host(name: string, signal: AbortSignal = new AbortController().signal): Host {
    const image: BootImage = { path: join(this.root, 'image.iso'), takesSeed: true };
    return createDriverHost({
      platform: process.platform,
      env: this.#options.env ?? process.env,
      directory: this.directory(name),
      sshClient: 'native',
      lockDirectory: join(this.root, 'locks'),
      signal,
      emit: (event) => this.events.push(event),
      bootImage: async () => image,
      otherMachines: async () => [...this.#data].filter(([other]) => other !== name).map(([, data]) => data),
      saveData: async (data) => void this.#data.set(name, data),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#data.keys()) await (await this.open(name)).remove();
    await rm(this.root, { recursive: true, force: true });
  }
}
