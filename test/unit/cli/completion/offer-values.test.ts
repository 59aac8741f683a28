import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { offerValues } from '../../../../src/cli/completion/offer-values.ts';
import { makeTempStore, type TempStore } from '../../../support/temp-store.ts';

const from = ({ store }: TempStore) => ({ commands: [], store, areDescribed: true, drivers: async () => [] });

test('offerValues() gives files here and machines with a colon, and nothing of what is in a machine', async () => {
  await using temp = await makeTempStore();
  await temp.add('dev', 'none', {});
  const offer = async (typed: string) => await offerValues('guest-file', from(temp), typed);
  expect(await offer('')).toEqual({ candidates: [{ value: 'dev:', summary: 'machine (none)' }], paths: 'files' });
  expect(await offer('dev:/et')).toEqual({ candidates: [], paths: '' });
  expect((await offer('C:\\')).paths).toBe('files');
});

test('offerValues() gives images of the cache by name, unless the name could be misread', async () => {
  await using temp = await makeTempStore();
  await mkdir(temp.store.layout.cache);
  for (const name of ['b.iso', 'a+1~2.iso', 'a.json', '-rf.iso', '$(id).iso', 'two words.iso'])
    await writeFile(join(temp.store.layout.cache, name), '');
  const { candidates, paths } = await offerValues('image', from(temp), '');
  expect([candidates.map(({ value }) => value), paths]).toEqual([['a+1~2.iso', 'b.iso'], 'files']);
});

test('offerValues() says nothing of each of very many machines', async () => {
  await using temp = await makeTempStore();
  const names = Array.from({ length: 40 }, (_, index) => `m${index}`);
  for (const name of names) await mkdir(join(temp.store.layout.machines, name), { recursive: true });
  const { candidates } = await offerValues('machine', from(temp), '');
  expect(candidates.length).toBe(40);
  expect(new Set(candidates.map(({ summary }) => summary))).toEqual(new Set(['machine']));
});

test('offerValues() keeps what a stored driver is called from the terminal', async () => {
  await using temp = await makeTempStore();
  await temp.add('dev', '\u001b[31m\tevil', {});
  const { candidates } = await offerValues('machine', from(temp), '');
  expect(candidates).toEqual([{ value: 'dev', summary: 'machine' }]);
});
