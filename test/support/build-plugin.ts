import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const sources = join(import.meta.dirname, '..', 'fakes', 'docker-machine-driver-fake');
const name = 'docker-machine-driver-fake';

/**
 * A folder with the fake plugin as a program, for the start of PATH; see its README.md. Needs `go`, and no network. It is compiled
 * once for its sources and kept in the folder for temporary files.
 */
export async function buildPlugin(): Promise<string> {
  const cache = join(tmpdir(), 'tmachine-fake-plugin');
  const built = join(cache, await digestSources());
  if (existsSync(join(built, name))) return built;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'build-'));
  await compile(join(folder, name), join(cache, 'go'));
  try {
    await rename(folder, built);
  } catch (error) {
    // Another test was faster; what it built is the same.
    await rm(folder, { recursive: true, force: true });
    if (!existsSync(join(built, name))) throw error;
  }
  return built;
}

async function compile(program: string, cache: string): Promise<void> {
  const settings = { GOCACHE: cache, GO111MODULE: 'on', GOFLAGS: '-mod=mod', GOPROXY: 'off', CGO_ENABLED: '0' };
  const env = { ...process.env, ...settings };
  await promisify(execFile)('go', ['build', '-trimpath', '-o', program, '.'], { cwd: sources, env });
}

async function digestSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(sources)).sort())
    if (/\.(go|mod)$/.test(file)) hash.update(`${file}\n`).update(await readFile(join(sources, file)));
  return hash.digest('hex').slice(0, 16);
}
