import { link, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { haveSameContent } from '../../../src/host/same-content.ts';

test('haveSameContent() compares bytes, not names, dates or links', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'same-'));
  const at = (name: string): string => join(folder, name);
  const { signal } = new AbortController();
  await writeFile(at('a'), 'abc');
  await link(at('a'), at('link'));
  await writeFile(at('copy'), 'abc');
  await writeFile(at('other'), 'abd');
  await writeFile(at('longer'), 'abcd');
  const same = async (name: string): Promise<boolean> => await haveSameContent(at('a'), at(name), signal);
  expect(await Promise.all(['link', 'copy', 'other', 'longer', 'missing'].map(same))).toEqual([
    ...[true, true],
    ...[false, false, false],
  ]);
  await rm(folder, { recursive: true });
});
