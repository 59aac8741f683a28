import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { createHostKeyPair, createUserKeyFiles } from '../../src/ssh/keys.ts';
import type { StartServer } from './guest-bench.ts';
import type { TestSshServer } from './guest-server.ts';
import { MachineBench } from './machine-bench.ts';
import type { TmachineCall, TmachineResult } from './run-tmachine.ts';
import { startSshd } from './sshd.ts';

/** A machine whose SSH server is OpenSSH's own, on this computer. */
export interface CopyMachine {
  readonly name: string;
  /** The folder that relative paths in the machine start from. */
  readonly home: string;
  readonly server: TestSshServer;
}

/** Machines to copy from and to, and a folder to do it in; its name has what shells and OpenSSH stumble over. */
export class CopyBench implements AsyncDisposable {
  readonly machines: MachineBench;
  readonly folder: string;
  readonly #servers: TestSshServer[] = [];

  private constructor(machines: MachineBench, folder: string) {
    this.machines = machines;
    this.folder = folder;
  }

  static async make(): Promise<CopyBench> {
    const machines = await MachineBench.make();
    return new CopyBench(machines, await mkdtemp(join(machines.temp.path, "it's 100% here ")));
  }

  /** Starts a machine with the server that is asked for. */
  async start(name: string, startServer: StartServer = startSshd): Promise<CopyMachine> {
    const keys = await mkdtemp(join(this.machines.temp.path, "key's "));
    const [user, host] = [await createUserKeyFiles(keys, 'test'), await createHostKeyPair('host')];
    const server = await startServer({ hostKey: host.privateKey, authorizedKey: user.publicKey });
    this.#servers.push(server);
    await this.machines.start(name);
    await this.machines.setSsh(name, server, join(keys, 'id_rsa'));
    return { name, home: server.home ?? '', server };
  }

  async call(args: readonly string[], more: TmachineCall = {}): Promise<TmachineResult> {
    return await this.machines.call(args, { cwd: this.folder, ...more });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
    await this.machines[Symbol.asyncDispose]();
  }
}
