import { expect, test } from 'vitest';
import { builtInDrivers } from '../../../drivers/index.ts';
import { findDriver } from '../../../src/driver/registry.ts';

test('findDriver() finds a built-in driver by its name', () => {
  expect(findDriver('qemu', builtInDrivers).name).toBe('qemu');
});

test('findDriver() says which plugin would bring an unknown driver', () => {
  expect(() => findDriver('bogus', builtInDrivers)).toThrow(
    'Driver "bogus" not found. Do you have the plugin binary "docker-machine-driver-bogus" accessible in your PATH?',
  );
});
