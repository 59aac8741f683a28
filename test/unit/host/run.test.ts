import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../../src/host/run.ts';
import { writeProgram } from '../../support/fake-path.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

let folder: Awaited<ReturnType<typeof makeTempFolder>>;
beforeEach(async () => {
  folder = await makeTempFolder();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

describe('run()', () => {
  const env = { PATH: '/usr/bin:/bin' };

  test('ends in time, although what the program started holds its outputs open', async () => {
    const program = await writeProgram(folder.path, 'slow', 'echo begun\nsleep 20\necho late');
    const startedAt = Date.now();
    const signal = new AbortController().signal;
    await expect(run({ program, args: [], timeoutMs: 200 }, { env, signal })).rejects.toMatchObject({
      code: 'PROGRAM_TIMED_OUT',
    });
    await expect(run({ program, args: [] }, { env, signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  test('keeps what a program that ends by itself has written', async () => {
    const program = await writeProgram(folder.path, 'quick', 'cat; echo err >&2; exit 3');
    const signal = new AbortController().signal;
    expect(await run({ program, args: [], input: 'in' }, { env, signal })).toEqual({
      exitCode: 3,
      stdout: 'in',
      stderr: 'err\n',
    });
  });
});
