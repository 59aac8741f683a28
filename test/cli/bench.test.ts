import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTempFolder } from '../support/temp-folder.ts';

const bench = join(import.meta.dirname, '..', '..', 'scripts', 'bench.js');

test('the bench prints a table, writes the same as JSON and leaves nothing behind', async () => {
  await using folder = await makeTempFolder();
  const json = join(folder.path, 'bench.json');
  const env = { ...process.env, TMPDIR: folder.path, MACHINE_STORAGE_PATH: join(folder.path, 'store') };
  const run = spawnSync(process.execPath, [bench, '--only', 'startup', '--pairs', '1', '--json', json], { env });
  expect(run.stderr.toString()).toBe('');
  const { computer, rows } = JSON.parse(readFileSync(json, 'utf8'));
  expect(computer).toMatchObject({ node: process.version, loadBefore: expect.any(Number) });
  expect(rows.map(({ target, unit }: { target: number; unit: string }) => [target, unit])).toEqual([
    [1.5, 'x'],
    [1.5, 'x'],
  ]);
  for (const { what, measured } of rows)
    expect(run.stdout.toString()).toMatch(new RegExp(`^${what} .* ${measured} x`, 'm'));
  expect(readdirSync(folder.path).sort()).toEqual(['bench.json', 'store']);
});

test('the bench names its parts when it is asked for one it does not have', () => {
  const run = spawnSync(process.execPath, [bench, '--only', 'startup,stop']);
  expect([run.status, run.stderr.toString()]).toEqual([
    2,
    'No part is called "stop": say some of startup,completion,unreachable,create,commands,list,guest,image,scp,virtualbox\n',
  ]);
});
