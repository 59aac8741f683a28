import { expect, test } from 'vitest';
import { builtInDrivers, findPlugin } from '../../../drivers/index.ts';
import type { DriverDefinition } from '../../../src/driver/contract.ts';
import { findDriver } from '../../../src/driver/registry.ts';

/** Every program of such a name is there. */
const sources = {
  drivers: async () => builtInDrivers,
  findPlugin: async (name: string): Promise<DriverDefinition | undefined> =>
    await findPlugin(name, { env: {}, platform: 'linux', findProgram: async (file) => `/opt/${file}` }),
};
const withoutPlugins = { ...sources, findPlugin: async () => undefined };

test('findDriver() finds a built-in driver by its name, whatever plugins there are', async () => {
  expect(await findDriver('qemu', sources)).toBe(builtInDrivers.find(({ name }) => name === 'qemu'));
});

test('findDriver() finds a plugin, but no path', async () => {
  expect(await findDriver('kvm', sources)).toMatchObject({
    name: 'kvm',
    summary: "docker-machine's plugin /opt/docker-machine-driver-kvm",
  });
  for (const name of ['../kvm', 'a/b', '-x', '']) await expect(findDriver(name, sources)).rejects.toThrow('not found');
});

test('findDriver() says which plugin would bring an unknown driver', async () => {
  await expect(findDriver('bogus', withoutPlugins)).rejects.toThrow(
    'Driver "bogus" not found. Do you have the plugin binary "docker-machine-driver-bogus" accessible in your PATH?',
  );
});
