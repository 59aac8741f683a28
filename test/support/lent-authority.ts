import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadOrCreateAuthority } from '../../src/certs/authority.ts';
import { authorityPaths } from '../../src/certs/authority-paths.ts';
import { makeTempFolder } from './temp-folder.ts';

type Files = readonly (readonly [name: string, text: string])[];

let made: Promise<Files> | undefined;

/** Puts an authority and a client pair into a new folder. They are made once for each test file, as RSA keys take their time. */
export async function lendAuthority(folder: string, user: string): Promise<void> {
  made ??= makeAuthority(user);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of await made)
    await writeFile(join(folder, name), text, { mode: name.includes('key') ? 0o600 : 0o644 });
}

async function makeAuthority(user: string): Promise<Files> {
  await using folder = await makeTempFolder();
  const options = { user, now: new Date(), signal: AbortSignal.timeout(60_000), platform: process.platform };
  await loadOrCreateAuthority(authorityPaths(folder.path), options);
  const names = await readdir(folder.path);
  return await Promise.all(names.map(async (name) => [name, await readFile(join(folder.path, name), 'utf8')] as const));
}
