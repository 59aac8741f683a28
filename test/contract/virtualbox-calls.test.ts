import { afterAll, beforeAll, expect, test } from 'vitest';
import { virtualBoxDriver } from '../../drivers/virtualbox/index.ts';
import type { Driver, MachineState } from '../../src/driver/contract.ts';
import { describeWith } from '../support/requires.ts';
import { flags, says, VirtualBoxBench } from '../support/virtualbox-bench.ts';
import { consoleSays, power } from './driver-contract.ts';

/** VBoxManage is slow, so every command has a limit; what the core asks besides is one call of these for the state. */
describeWith(['qemu-system-x86_64', 'setpriv'], 'calls of VBoxManage', () => {
  let bench: VirtualBoxBench;
  let driver: Driver;
  beforeAll(async () => {
    bench = await VirtualBoxBench.make();
  });
  afterAll(async () => await bench[Symbol.asyncDispose]());

  const calls = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    await bench.takeCalls();
    await work();
    return await bench.takeCalls();
  };
  const states = async (names: readonly string[]): Promise<readonly MachineState[] | undefined> =>
    await virtualBoxDriver.states?.(
      names.map((name) => ({ record: { name, data: bench.store.data(name) }, host: bench.store.host(name) })),
    );

  test('create makes 16 at most, the first host-only adapter included', async () => {
    driver = await bench.configured('counted', {
      'virtualbox-no-share': false,
      'virtualbox-share-folder': ['/tmp:tmp2'],
    });
    const made = await calls(async () => {
      await driver.preflight();
      await driver.create(async () => Buffer.from('the seed'));
      expect(await driver.state()).toBe('Running');
      expect(await driver.dockerUrl()).toBe(driver.recordedUrl?.());
    });
    expect(made.join('\n')).toContain('hostonlyif create');
    expect(made.length, made.join('\n')).toBeLessThanOrEqual(16);
  });

  test('an answer from the record makes none, a state makes one', async () => {
    driver = await bench.open('counted');
    expect(await calls(async () => expect(driver.recordedUrl?.()).toMatch(/^tcp:\/\/127\.0\.98\.\d+:2376$/))).toEqual(
      [],
    );
    expect(await calls(async () => await driver.guest?.ssh())).toEqual([]);
    expect(await calls(async () => expect(await driver.state()).toBe('Running'))).toHaveLength(1);
    expect(await calls(async () => expect(await driver.state()).toBe('Running'))).toEqual([]);
  });

  test('stop makes three at most, start six, and the states after it none', async () => {
    await consoleSays(driver, says);
    driver = await bench.open('counted');
    expect((await calls(power(driver, 'stop'))).length).toBeLessThanOrEqual(3);
    driver = await bench.open('counted');
    expect((await calls(power(driver, 'start'))).length).toBeLessThanOrEqual(6);
    const after = await calls(async () => {
      for (let look = 0; look < 5; look += 1) expect(await driver.state()).toBe('Running');
      await driver.dockerUrl();
    });
    expect(after).toEqual([]);
  });

  test('the states of many machines make one, or two where a running one does not answer', async () => {
    const names = ['off-1', 'off-2', 'off-3'];
    for (const name of names) await bench.store.add(name, flags);
    expect(await calls(async () => expect(await states(names)).toEqual(['Error', 'Error', 'Error']))).toHaveLength(1);
    // The guest of these tests has no engine, though QEMU takes connections for it.
    expect(await calls(async () => expect(await states(['counted', ...names])).toContain('Running'))).toHaveLength(1);
    await power(await bench.open('counted'), 'pause')();
    const paused = await calls(async () =>
      expect((await states(['counted', ...names]))?.[0]).toMatch(/Paused|Running/),
    );
    expect(paused.length).toBeLessThanOrEqual(2);
  });

  test('kill and remove make four at most', async () => {
    driver = await bench.open('counted');
    expect((await calls(power(driver, 'kill'))).length).toBeLessThanOrEqual(2);
    driver = await bench.open('counted');
    expect((await calls(async () => await driver.remove())).length).toBeLessThanOrEqual(4);
  });
});
