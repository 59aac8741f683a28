import { describe, expect, test } from 'vitest';
import { qemuDriver } from '../../../drivers/qemu/index.ts';
import type { DriverDefinition } from '../../../src/driver/contract.ts';
import type { MachineContext } from '../../../src/machine/context.ts';
import { detectDriver } from '../../../src/machine/detect-driver.ts';
import { writeProgram } from '../../support/fake-path.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

function contextWith(drivers: readonly DriverDefinition[], path: string): MachineContext {
  const context: Pick<MachineContext, 'env' | 'platform' | 'drivers'> = {
    env: { PATH: path },
    // No folder of this system is looked into besides PATH.
    platform: 'freebsd',
    drivers: async () => drivers,
  };
  return context as MachineContext;
}

const firstChoice: DriverDefinition = {
  ...qemuDriver,
  name: 'first',
  detect: async (computer) => {
    const found = await computer.findProgram('first-choice');
    return found === undefined ? undefined : `it is at ${found}`;
  },
};
const { detect: _, ...undetectable } = { ...qemuDriver, name: 'generic' };

describe('detectDriver()', () => {
  test('takes the first driver that finds its hypervisor', async () => {
    await using folder = await makeTempFolder();
    const context = contextWith([undetectable, firstChoice, qemuDriver], folder.path);
    const qemu = await writeProgram(folder.path, 'qemu-system-x86_64', 'exit 0');
    expect(await detectDriver(context)).toEqual({ driver: qemuDriver, reason: `QEMU is at ${qemu}`, found: true });
    const first = await writeProgram(folder.path, 'first-choice', 'exit 0');
    expect(await detectDriver(context)).toEqual({ driver: firstChoice, reason: `it is at ${first}`, found: true });
  });

  test('takes the last one that could where there is no hypervisor', async () => {
    await using folder = await makeTempFolder();
    const detected = await detectDriver(contextWith([firstChoice, qemuDriver, undetectable], folder.path));
    expect(detected).toMatchObject({ driver: qemuDriver, found: false });
    expect(detected.reason).toContain('no hypervisor was found');
  });

  test('says so where no driver makes machines', async () => {
    await expect(detectDriver(contextWith([undetectable], ''))).rejects.toMatchObject({ code: 'DRIVER_NOT_FOUND' });
  });
});
