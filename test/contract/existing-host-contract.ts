import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Driver, DriverDefinition, PowerControls } from '../../src/driver/contract.ts';
import type { TypedFlags } from '../../src/driver/resolve-flags.ts';
import { DriverStore } from '../support/driver-store.ts';

/** A host that is there before the machine, and stays. */
export interface ExistingHost extends AsyncDisposable {
  /** How `create` is told where it is. */
  readonly flags: TypedFlags;
  readonly dockerUrl: string;
  /** Whether it still answers. */
  isThere(): Promise<boolean>;
}

/** What a driver of existing hosts brings to its contract. */
export interface ExistingHostBench {
  readonly driver: DriverDefinition;
  startHost(): Promise<ExistingHost>;
  /** The verbs it has. */
  readonly verbs: readonly (keyof PowerControls)[];
}

/** What every driver promises whose machines exist without it; run for each of them. */
export function existingHostContract(name: string, bench: ExistingHostBench): void {
  describe(`the contract of driver ${name}`, () => {
    let host: ExistingHost;
    let store: DriverStore;
    beforeEach(async () => {
      host = await bench.startHost();
      store = await DriverStore.make(bench.driver, { image: new Uint8Array() });
      await store.add('dev', host.flags);
    });
    afterEach(async () => {
      await store[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    });

    const create = async (): Promise<Driver> => {
      await using driver = await store.open('dev');
      await driver.preflight();
      await driver.create(async () => {
        throw new Error('asked for a seed');
      });
      return await store.open('dev');
    };

    test('create() asks for no seed, and the machine runs', async () => {
      const driver = await create();
      expect(await driver.state()).toBe('Running');
      expect(await driver.dockerUrl()).toBe(host.dockerUrl);
      expect(driver.console).toBeUndefined();
    });

    test('it is never chosen unasked, and has no verb that it cannot do', async () => {
      expect(bench.driver.detect).toBeUndefined();
      expect(Object.keys((await create()).power)).toEqual(bench.verbs);
    });

    test('remove() forgets the machine, and leaves the host alone', async () => {
      const driver = await create();
      await driver.remove();
      await driver.remove();
      const left = (await readdir(store.directory('dev'))).filter((file) => file !== 'known_hosts');
      expect([left, await host.isThere()]).toEqual([[], true]);
    });

    test('a host that is gone is stopped', async () => {
      const driver = await create();
      await host[Symbol.asyncDispose]();
      expect(await driver.state()).toBe('Stopped');
      host = await bench.startHost();
    });
  });
}
