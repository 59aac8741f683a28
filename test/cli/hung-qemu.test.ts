import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withPath, writeProgram } from '../support/fake-path.ts';
import { MachineBench } from '../support/machine-bench.ts';
import { isAlive } from '../support/qemu-bench.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

test.concurrent('create gives up a QEMU that does not say its version', { timeout: 90_000 }, async () => {
  await using folder = await makeTempFolder();
  await using bench = await MachineBench.make();
  const program = await writeProgram(folder.path, 'qemu-system-x86_64', 'exec sleep 600');
  const env = { PATH: withPath(folder.path)['PATH'] ?? '' };
  const { exitCode, stdout, stderr } = await bench.call(['create', '-d', 'qemu', 'x'], { env });
  expect([exitCode, stdout]).toEqual([3, '']);
  expect(stderr).toContain(`Cannot use \\"${program}\\"`);
  expect(stderr).toMatch(
    /did not end within 20 s"\nTry: install QEMU again, or name another one with --qemu-program\n$/,
  );
  expect(await bench.temp.store.names()).toEqual([]);
});

test.concurrent('create ends a QEMU that hangs as it starts, and undoes the machine', {
  timeout: 120_000,
}, async () => {
  await using folder = await makeTempFolder();
  await using bench = await MachineBench.make();
  const pidFile = join(folder.path, 'pid');
  const script = `if [ "$1" = --version ]; then echo "QEMU emulator version 9.0.0"; else echo $$ > "${pidFile}"; exec sleep 600; fi`;
  await writeProgram(folder.path, 'qemu-system-x86_64', script);
  const env = { PATH: withPath(folder.path)['PATH'] ?? '' };
  const args = ['create', '--qemu-accel', 'tcg', '--qemu-boot2docker-url', bench.imageFile, 'x'];
  const { exitCode, stdout, stderr } = await bench.call(args, { env });
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain('Still waiting for QEMU to start');
  expect(stderr).toMatch(/^Waited 30 s for QEMU to start, in vain$/m);
  expect(await bench.temp.store.names()).toEqual([]);
  expect(isAlive(Number(await readFile(pidFile, 'utf8')))).toBe(false);
});
