import { cp, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** A copy of the built program in `folder` that trusts one archive key more. Resolves with its `tmachine.cjs`. */
export async function makeTrustingProgram(folder: string, publicKey: string): Promise<string> {
  for (const part of ['bin', 'dist', 'package.json'])
    await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const files = await readdir(join(folder, 'dist'), { recursive: true });
  const keyFolders = files.filter((name) => /(^|\/)keys$/.test(name));
  for (const keys of keyFolders) await writeFile(join(folder, 'dist', keys, 'test.asc'), publicKey);
  return join(folder, 'bin', 'tmachine.cjs');
}
