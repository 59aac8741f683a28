import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { qemuDriver } from '../../drivers/qemu/index.ts';
import type { Driver } from '../../src/driver/contract.ts';
import type { TypedFlags } from '../../src/driver/resolve-flags.ts';
import { findProgram } from '../../src/host/find-program.ts';
import { DriverStore, type DriverStoreOptions } from './driver-store.ts';
import { tinyGuestImage } from './tiny-guest.ts';

/** What the guest of these machines writes to its console. */
export const says = 'tmachine: init';
/** A guest that is up at once and powers off when asked. */
export const image: Buffer = tinyGuestImage({ says, obeysPowerButton: true });
/** The smallest machine, with the same speed on every computer. */
export const flags: TypedFlags = {
  'qemu-accel': 'tcg',
  'qemu-memory': '256',
  'qemu-cpu-count': '1',
  'qemu-disk-size': '2000',
};

/** Stores and folders of one test; `clear` removes them and ends their machines. */
export class QemuBench {
  #stores: DriverStore[] = [];
  #folders: string[] = [];

  async temporaryFolder(prefix: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), prefix));
    this.#folders.push(folder);
    return folder;
  }

  /** A store with one configured machine. */
  async store(name: string, typed: TypedFlags = {}, options: Partial<DriverStoreOptions> = {}): Promise<DriverStore> {
    const store = await DriverStore.make(qemuDriver, { image, ...options });
    this.#stores.push(store);
    await store.add(name, { ...flags, ...typed });
    return store;
  }

  /** A store with one running machine. */
  async created(
    name: string,
    typed: TypedFlags = {},
    options: Partial<DriverStoreOptions> = {},
  ): Promise<{ readonly store: DriverStore; readonly driver: Driver }> {
    const store = await this.store(name, typed, options);
    const driver = await store.open(name);
    await driver.create(async () => Buffer.from('the seed'));
    return { store, driver };
  }

  /** An environment whose qemu-system-x86_64 is this shell script. */
  async fakeQemu(script: string): Promise<NodeJS.ProcessEnv> {
    const folder = await this.temporaryFolder('tmachine-fake-');
    await writeFile(join(folder, 'qemu-system-x86_64'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'qemu-system-x86_64'), 0o755);
    return { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  }

  async clear(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store[Symbol.asyncDispose]();
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }
}

/** The real one, for fakes that go on with it. */
export async function realQemu(): Promise<string> {
  const found = await findProgram('qemu-system-x86_64', { env: process.env, platform: process.platform });
  if (found === undefined) throw new Error('This test needs qemu-system-x86_64');
  return found;
}

/** The pid QEMU itself has written. */
export async function pidOf(store: DriverStore, name: string): Promise<number> {
  return Number(await readFile(join(store.directory(name), 'qemu.pid'), 'utf8'));
}

/** Whether a process has this pid. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends a process as a crash would. */
export async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
}
