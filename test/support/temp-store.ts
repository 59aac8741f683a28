import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultHostOptions } from '../../src/store/host-options.ts';
import { createStore, type MachineStore } from '../../src/store/machine-store.ts';
import { makeTempFolder } from './temp-folder.ts';

/** A store of its own for one test. */
export interface TempStore extends AsyncDisposable {
  readonly path: string;
  readonly store: MachineStore;
  /** What a child needs to use this store, and no other. */
  readonly env: Readonly<Record<string, string>>;
  /** Stores a machine that does not exist, such as one of the driver "none". */
  add(name: string, driverName: string, data: Readonly<Record<string, unknown>>): Promise<void>;
}

/** An empty store in a temporary folder, or in a folder of this name in it; removed when disposed of. */
export async function makeTempStore(name = ''): Promise<TempStore> {
  const folder = await makeTempFolder();
  const path = join(folder.path, name);
  await mkdir(path, { recursive: true });
  const store = createStore({ directory: path, platform: process.platform, signal: new AbortController().signal });
  return {
    path,
    store,
    env: { MACHINE_STORAGE_PATH: path, HOME: path },
    async add(name, driverName, data) {
      const options = defaultHostOptions(store.layout.certs, store.layout.machine(name));
      await store.save({ name, driverName, data, options });
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
