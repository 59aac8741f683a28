import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLastSeen, writeLastSeen } from '../../../src/store/last-seen.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

test('what is written is read again, whatever machines are called', async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, 'last-seen.json');
  const machines = new Map([
    ['dev', { state: 'Running', url: 'tcp://1.2.3.4:2376' }],
    ['__proto__', { state: 'Stopped', url: '' }],
  ]);
  await writeLastSeen(path, machines);
  expect([...(await readLastSeen(path))]).toEqual([...machines]);
  expect(await readdir(folder.path)).toEqual(['last-seen.json']);
});

test.each(['', '{', '[]', 'null', '{"a": 1, "b": null, "c": {"state": 1, "url": ""}}'])(
  '%j tells nothing',
  async (text) => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'last-seen.json');
    await writeFile(path, text);
    expect((await readLastSeen(path)).size).toBe(0);
  },
);

test('a place that cannot be written is left alone', async () => {
  await using folder = await makeTempFolder();
  await writeLastSeen(join(folder.path, 'no', 'last-seen.json'), new Map());
  expect(await readdir(folder.path)).toEqual([]);
});
