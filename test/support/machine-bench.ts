import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { qemuDriver } from '../../drivers/qemu/index.ts';
import { type Authority, loadOrCreateAuthority } from '../../src/certs/authority.ts';
import { authorityPaths } from '../../src/certs/authority-paths.ts';
import { writeMachineCertificates } from '../../src/certs/machine-certs.ts';
import type { TypedFlags } from '../../src/driver/resolve-flags.ts';
import { defaultHostOptions } from '../../src/store/host-options.ts';
import { DriverStore } from './driver-store.ts';
import { type EngineQuirks, type FakeEngine, startFakeEngine } from './fake-engine.ts';
import type { TestSshServer } from './guest-server.ts';
import { flags, image, isAlive } from './qemu-bench.ts';
import { runTmachine, type TmachineCall, type TmachineResult } from './run-tmachine.ts';
import { makeTempStore, type TempStore } from './temp-store.ts';

/** A machine that runs the tiny guest. */
export interface TinyMachine {
  readonly name: string;
  readonly address: string;
  readonly directory: string;
  readonly pid: number;
}

/** A store with machines that really run under QEMU, but whose engine is a server of the test. */
export class MachineBench implements AsyncDisposable {
  readonly temp: TempStore;
  readonly #drivers: DriverStore;
  readonly #engines: FakeEngine[] = [];
  readonly #pids: number[] = [];

  private constructor(temp: TempStore, drivers: DriverStore) {
    this.temp = temp;
    this.#drivers = drivers;
  }

  /** The store may have a folder of its own name. */
  static async make(name?: string): Promise<MachineBench> {
    const temp = await makeTempStore(name);
    return new MachineBench(temp, await DriverStore.make(qemuDriver, { image, under: temp.path }));
  }

  /** The boot image of the tiny guest. */
  get imageFile(): string {
    return join(this.temp.path, 'image.iso');
  }

  async call(args: readonly string[], more: TmachineCall = {}): Promise<TmachineResult> {
    return await runTmachine(args, { ...more, env: { ...this.temp.env, ...more.env } });
  }

  /** Makes and starts a machine, and stores it. */
  async start(name: string, typed: TypedFlags = {}): Promise<TinyMachine> {
    await this.#drivers.add(name, { ...flags, ...typed });
    await (await this.#drivers.open(name)).create(async () => Buffer.from('the seed'));
    await this.#save(name, {});
    const directory = this.#drivers.directory(name);
    const pid = Number(await readFile(join(directory, 'qemu.pid'), 'utf8'));
    this.#pids.push(pid);
    return { name, directory, pid, address: String(this.#drivers.data(name)['IPAddress']) };
  }

  /** Gives a machine certificates made for `addresses` at `now`, and an engine that shows them. */
  async giveEngine(
    machine: TinyMachine,
    quirks: EngineQuirks & { readonly now?: Date; readonly addresses?: readonly string[] } = {},
  ): Promise<FakeEngine> {
    const authority = await this.authority();
    const server = await writeMachineCertificates(machine.directory, authority, {
      user: 'tester',
      machine: machine.name,
      addresses: quirks.addresses ?? [machine.address],
      extraNames: [],
      now: quirks.now ?? new Date(),
    });
    const certificates = { ca: authority.ca.certPem, cert: server.certPem, key: server.keyPem };
    const engine = await startFakeEngine(machine.address, certificates, quirks);
    this.#engines.push(engine);
    await this.setPort(machine.name, engine.port);
    return engine;
  }

  /** Says that the engine of a machine listens on this port. */
  async setPort(name: string, port: number): Promise<void> {
    await this.setPorts(name, { EnginePort: port });
  }

  /** Says where engine and SSH server of a machine listen. */
  async setPorts(name: string, ports: { readonly EnginePort: number; readonly SSHPort?: number }): Promise<void> {
    await this.#save(name, ports);
  }

  /** Stores a machine that does not exist, with certificates for `address`; its folder. */
  async store(name: string, address: string): Promise<string> {
    await this.temp.add(name, 'nosuch', { IPAddress: address });
    await this.issue(name, address, new Date());
    return this.temp.store.layout.machine(name).directory;
  }

  /** Gives a machine a server certificate made for `address` at `now`. */
  async issue(name: string, address: string, now: Date): Promise<void> {
    const request = { user: 'tester', machine: name, addresses: [address], extraNames: [], now };
    const { directory } = this.temp.store.layout.machine(name);
    await writeMachineCertificates(directory, await this.authority(), request);
  }

  /** Standard output of openssl. */
  async openssl(...words: readonly string[]): Promise<string> {
    return (await this.run('openssl', words)).stdout;
  }

  /** Any program of this computer, whatever its exit status. */
  async run(program: string, words: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return await new Promise((resolve) => {
      execFile(program, words, { timeout: 20_000 }, (_error, stdout, stderr) => resolve({ stdout, stderr }));
    });
  }

  /** Has SSH to a machine reach a server of the test, which lets the key in that file in. */
  async setSsh(name: string, { host, port, user }: TestSshServer, keyFile: string): Promise<void> {
    await this.#save(name, { IPAddress: host, SSHPort: port, SSHUser: user, SSHKeyPath: keyFile });
  }

  /** The store's authority, made where it is missing, at `now`. */
  async authority(now: Date = new Date()): Promise<Authority> {
    const options = {
      user: 'tester',
      now,
      signal: AbortSignal.timeout(60_000),
      platform: process.platform,
    };
    return await loadOrCreateAuthority(authorityPaths(this.temp.store.layout.certs.directory), options);
  }

  async #save(name: string, change: Readonly<Record<string, unknown>>): Promise<void> {
    const { store } = this.temp;
    const options = defaultHostOptions(store.layout.certs, store.layout.machine(name));
    await store.save({ name, driverName: 'qemu', data: { ...this.#drivers.data(name), ...change }, options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of this.#engines) await engine[Symbol.asyncDispose]();
    await this.#drivers[Symbol.asyncDispose]();
    for (const pid of this.#pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await this.temp[Symbol.asyncDispose]();
  }
}
