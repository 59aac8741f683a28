import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isPortFree } from '../../../src/host/network.ts';
import type { RealStore } from '../../support/real-store.ts';

/** The end of `myhost`. */
export function removeCases(store: () => RealStore): void {
  test('kill takes the power away', async () => {
    const { exitCode, stderr } = await store().tmachine(['kill', 'myhost']);
    expect(exitCode, stderr).toBe(0);
    expect(await store().ask('status', 'myhost')).toBe('Stopped\n');
    expect(store().processes()).toEqual([]);
  });

  test('rm asks first, and leaves no process, file or port behind', async () => {
    const { IPAddress } = (await store().config('myhost')).Driver;
    expect((await store().tmachine(['rm', 'myhost'], { input: 'n\n' })).exitCode).toBe(1);
    expect(await store().ask('status', 'myhost')).toBe('Stopped\n');
    const { exitCode, stderr } = await store().tmachine(['rm', 'myhost'], { input: 'y\n' });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('Successfully removed myhost\n');
    expect(store().processes()).toEqual([]);
    expect(await readdir(join(store().path, 'machines'))).toEqual([]);
    expect(await readdir(join(store().path, 'locks'))).toEqual([]);
    for (const port of [2376, 2222, 23_760]) expect(await isPortFree(IPAddress, port)).toBe(true);
  });
}
