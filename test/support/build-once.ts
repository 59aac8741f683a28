import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** Compiles the program before tests that run it, unless that has been done since the last change. */
export function setup(): void {
  const built = join(root, 'dist', 'src', 'cli', 'main.cjs');
  const newest = Math.max(...['src', 'drivers', 'scripts/build.js'].map(newestIn));
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: root, stdio: 'inherit' });
}

function newestIn(path: string): number {
  const info = statSync(join(root, path));
  if (!info.isDirectory()) return info.mtimeMs;
  return Math.max(info.mtimeMs, ...readdirSync(join(root, path)).map((name) => newestIn(join(path, name))));
}
