import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../src/driver/host.ts';
import type { EventBody } from '../../src/events/event.ts';
import { createDriverHost } from '../../src/machine/driver-host.ts';
import { writeProgram } from './fake-path.ts';

/** How the computer of a test differs from this one. */
export interface ComputerChanges {
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly platform?: NodeJS.Platform | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly lockDirectory?: string | undefined;
}

/** A folder with programs of a test, and hosts of a machine `m1` that find them first. */
export class VBoxManageBench implements AsyncDisposable {
  readonly root: string;
  readonly events: EventBody[] = [];

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<VBoxManageBench> {
    const root = await mkdtemp(join(tmpdir(), 'tmachine-vbox-'));
    await mkdir(join(root, 'bin'));
    await mkdir(join(root, 'm1'));
    return new VBoxManageBench(root);
  }

  /** Puts a script on PATH; in it, `$HERE` is a folder in which it may keep things. */
  async program(script: string, name = 'VBoxManage'): Promise<string> {
    return await writeProgram(join(this.root, 'bin'), name, `HERE='${this.root}'\n${script}`);
  }

  host(changes: ComputerChanges = {}): Host {
    const { platform = process.platform } = changes;
    const path = [join(this.root, 'bin'), '/usr/bin:/bin'].join(platform === 'win32' ? ';' : ':');
    return createDriverHost({
      platform,
      env: { PATH: path, ...changes.env },
      directory: join(this.root, 'm1'),
      sshClient: 'native',
      lockDirectory: changes.lockDirectory ?? join(this.root, 'locks'),
      signal: changes.signal ?? new AbortController().signal,
      emit: (event) => this.events.push(event),
      bootImage: async () => {
        throw new Error('This test needs no boot image');
      },
      otherMachines: async () => [],
      saveData: async () => undefined,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
