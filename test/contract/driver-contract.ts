import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Driver, PowerControls } from '../../src/driver/contract.ts';
import type { TypedFlags } from '../../src/driver/resolve-flags.ts';
import type { DriverStore } from '../support/driver-store.ts';

/** What a driver brings to its contract. */
export interface DriverBench {
  /** A new, empty store of the driver. */
  store(): Promise<DriverStore>;
  /** The smallest machine the driver can make. */
  readonly flags: TypedFlags;
  /** What the guest says on its console. */
  readonly says: string;
  /** Ends the machine behind the driver's back. */
  killFromOutside(store: DriverStore, name: string): Promise<void>;
}

const seed = Buffer.from('boot2docker, please format-me');

/** What every driver that makes virtual machines promises; run for each of them. */
export function driverContract(name: string, bench: DriverBench): void {
  describe(`the contract of driver ${name}`, () => {
    let store: DriverStore;
    beforeAll(async () => {
      store = await bench.store();
    });
    afterAll(async () => {
      await store[Symbol.asyncDispose]();
    });

    const create = async (machine: string): Promise<Driver> => {
      await store.add(machine, bench.flags);
      await using driver = await store.open(machine);
      await driver.preflight();
      await driver.create(async () => seed);
      return await store.open(machine);
    };

    test('create() makes a running machine and asks for its seed once, with its address', async () => {
      await store.add('first', bench.flags);
      const asked: (readonly string[])[] = [];
      await using driver = await store.open('first');
      await driver.create(async (addresses) => {
        asked.push(addresses);
        return seed;
      });
      const address = await driver.guest?.address();
      expect(asked).toEqual([[address]]);
      expect(await driver.state()).toBe('Running');
      expect(await driver.dockerUrl()).toBe(`tcp://${address}:2376`);
      const ssh = await driver.guest?.ssh();
      expect(ssh).toMatchObject({ user: 'docker' });
      expect(await accepts(ssh?.host, ssh?.port)).toBe(true);
    });

    test('a machine goes through its states, each command with a driver opened anew', async () => {
      await create('states');
      const address = await (await store.open('states')).guest?.address();
      const steps = [
        ['start', 'Running'],
        ['pause', 'Paused'],
        ['pause', 'Paused'],
        ['resume', 'Running'],
        ['resume', 'Running'],
        ['stop', 'Stopped'],
        ['stop', 'Stopped'],
        ['kill', 'Stopped'],
        ['start', 'Running'],
        ['restart', 'Running'],
        ['kill', 'Stopped'],
        ['restart', 'Running'],
        ['pause', 'Paused'],
        ['stop', 'Stopped'],
        ['start', 'Running'],
        ['pause', 'Paused'],
        ['start', 'Running'],
        ['pause', 'Paused'],
        ['kill', 'Stopped'],
      ] as const;
      for (const [verb, state] of steps) {
        await using driver = await store.open('states');
        const needsGuest = verb === 'stop' || verb === 'restart' || verb === 'pause';
        if (needsGuest && (await driver.state()) === 'Running') await consoleSays(driver, bench.says);
        await power(driver, verb)();
        expect(`${verb}: ${await driver.state()}`).toBe(`${verb}: ${state}`);
        expect(await driver.guest?.address()).toBe(address);
      }
    });

    test('pause() and resume() refuse a stopped machine', async () => {
      await store.add('unborn', bench.flags);
      const driver = await store.open('unborn');
      await expect(power(driver, 'pause')()).rejects.toMatchObject({ code: 'NOT_RUNNING' });
      await expect(power(driver, 'resume')()).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    });

    test('the console is kept', async () => {
      const driver = await create('console');
      await consoleSays(driver, bench.says);
      await power(driver, 'kill')();
      expect((await driver.console?.lastLines(5))?.join('\n')).toContain(bench.says);
    });

    test('two machines created at once get different addresses', async () => {
      const drivers = await Promise.all(['twin-a', 'twin-b', 'twin-c'].map(create));
      const addresses = await Promise.all(drivers.map((driver) => driver.guest?.address()));
      expect(new Set(addresses).size).toBe(3);
      expect(await Promise.all(drivers.map((driver) => driver.state()))).toEqual(['Running', 'Running', 'Running']);
    });

    test('a machine that ended behind our back is stopped, and starts again', async () => {
      const driver = await create('killed');
      await bench.killFromOutside(store, 'killed');
      expect(await driver.state()).toBe('Stopped');
      await power(driver, 'stop')();
      await power(driver, 'start')();
      expect(await driver.state()).toBe('Running');
    });

    test('remove() leaves nothing, also the second time, also where nothing was made', async () => {
      const driver = await create('removed');
      const ssh = await driver.guest?.ssh();
      await driver.remove();
      expect(await readdir(store.directory('removed'))).toEqual([]);
      expect(await accepts(ssh?.host, ssh?.port)).toBe(false);
      await driver.remove();
      await store.add('nothing', bench.flags);
      await (await store.open('nothing')).remove();
    });

    test('start() says that a machine is gone when its files are', async () => {
      await store.add('gone', bench.flags);
      const driver = await store.open('gone');
      expect(await driver.state()).toBe('Error');
      await expect(power(driver, 'start')()).rejects.toMatchObject({ message: expect.stringContaining('"gone"') });
    });
  });
}

/** A verb that the driver must have. */
export function power(driver: Driver, verb: keyof PowerControls): () => Promise<void> {
  const run = driver.power[verb];
  if (run === undefined) throw new Error(`The driver has no verb ${verb}`);
  return run;
}

/** Waits until the guest has said this. */
export async function consoleSays(driver: Driver, text: string): Promise<void> {
  await expect
    .poll(async () => (await driver.console?.lastLines(100))?.join('\n'), { timeout: 30_000, interval: 20 })
    .toContain(text);
}

async function accepts(host: string | undefined, port: number | undefined): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: host ?? '', port: port ?? 0 });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
