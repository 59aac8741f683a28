import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatHelloProgram, packHelloRoot } from '../../../src/engine/hello-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'tmachine-hello-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'formatHelloProgram() makes a program that Linux runs',
  () => {
    const file = join(folder, 'hello');
    writeFileSync(file, formatHelloProgram('Hello, größe!\n'), { mode: 0o755 });
    const result = spawnSync(file, { encoding: 'utf8' });
    expect(result).toMatchObject({ status: 0, stdout: 'Hello, größe!\n' });
  },
);

test('packHelloRoot() makes a tar with one executable', async () => {
  const file = join(folder, 'root.tar');
  writeFileSync(file, await packHelloRoot('x'));
  expect(spawnSync('tar', ['-tvf', file], { encoding: 'utf8' }).stdout).toMatch(/^-rwxr-xr-x .* hello\n$/);
});
