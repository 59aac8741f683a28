import { appendFile, copyFile, rename, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { RealStore } from '../../support/real-store.ts';

/** Another boot image for `myhost`, which runs. */
export function upgradeCases(store: () => RealStore): void {
  test('upgrade leaves a machine alone that has the newest boot image', async () => {
    const { exitCode, stderr } = await store().tmachine(['upgrade', 'myhost']);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/^Upgrading docker\.\.\.$/m);
    expect(stderr).toContain(
      `"myhost" has the newest boot image (Docker ${store().image.engineVersion}): nothing to do\n`,
    );
    expect(await store().ask('status', 'myhost')).toBe('Running\n');
  });

  test('upgrade stops a machine with another image, gives it the newest and starts it', async () => {
    const image = store().file('myhost', 'boot2docker.iso');
    await copyFile(image, `${image}.old`);
    await appendFile(`${image}.old`, Buffer.alloc(2048));
    await rename(`${image}.old`, image);
    const { exitCode, stderr } = await store().tmachine(['upgrade', 'myhost']);
    expect(exitCode, stderr).toBe(0);
    const titles = ['Stopping machine to do the upgrade', 'Upgrading machine "myhost"', 'Starting machine back up'];
    expect(stderr.split('\n').filter((line) => titles.includes(line.replace(/\.\.\.$/, '')))).toHaveLength(3);
    // Debian's engine puts a mark of its own behind the version.
    const { engineVersion } = store().image;
    expect(stderr).toContain(`Machine "myhost" was upgraded: Docker ${engineVersion}`);
    expect((await stat(image)).ino).toBe((await stat(store().image.path)).ino);
    expect((await store().ask('version', 'myhost')).startsWith(engineVersion)).toBe(true);
  });
}
