import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { programWords } from '../../../src/cli/program-words.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const { platform } = process;
const isWindows = platform === 'win32';

test('programWords() is the name where PATH leads to the program, else what starts it', async () => {
  await using folder = await makeTempFolder();
  const [bin, ran] = [join(folder.path, 'bin'), join(folder.path, 'node_modules', '.bin')];
  for (const place of [bin, ran]) {
    await mkdir(place, { recursive: true });
    const file = join(place, isWindows ? 'tmachine.cmd' : 'tmachine');
    await writeFile(file, '');
    await chmod(file, 0o755);
  }
  const words = async (path: string, program: string): Promise<readonly string[]> =>
    await programWords({ argv: ['/node', program], env: { PATH: path }, platform });
  const separator = isWindows ? ';' : ':';
  expect(await words(['/x', bin].join(separator), join(bin, 'tmachine'))).toEqual(['tmachine']);
  const nowhere = isWindows ? ['/node', join(bin, 'tmachine')] : [join(bin, 'tmachine')];
  expect(await words('', join(bin, 'tmachine'))).toEqual(nowhere);
  // What npx puts on PATH is gone when the user types.
  const passing = isWindows ? ['/node', join(ran, 'tmachine')] : [join(ran, 'tmachine')];
  expect(await words(ran, join(ran, 'tmachine'))).toEqual(passing);
});
