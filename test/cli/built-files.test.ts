import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestBuilder } from '../../src/image/builder-digest.ts';

const root = join(import.meta.dirname, '..', '..');
const chunks = join(root, 'dist', 'chunks');

test('the built program gives images the same digest of their builder as the sources do', async () => {
  const digest = await digestBuilder();
  const holding = readdirSync(chunks).filter(
    (name) => name.endsWith('.cjs') && readFileSync(join(chunks, name), 'utf8').includes(`"${digest}"`),
  );
  expect(holding).toHaveLength(1);
});

test.each([
  ['files', 'src/image/guest/files'],
  ['keys', 'src/image/debian/keys'],
])('chunks find their %s beside them', (name, source) => {
  expect(readTree(join(chunks, name))).toEqual(readTree(join(root, source)));
});

test('every worker that a chunk starts lies beside it', () => {
  const texts = readdirSync(chunks)
    .filter((name) => name.endsWith('.cjs'))
    .map((name) => readFileSync(join(chunks, name), 'utf8'));
  const workers = texts.flatMap((text) => [
    ...text.matchAll(/new URL\("\.\/([\w-]+\.js)", require\("url"\)\.pathToFileURL\(__filename\)/g),
  ]);
  expect(workers.map(([, name]) => name).sort()).toEqual(['compress-worker.js', 'decompress-worker.js']);
  expect(readdirSync(chunks)).toEqual(expect.arrayContaining(workers.map(([, name]) => name)));
});

function readTree(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]));
}
