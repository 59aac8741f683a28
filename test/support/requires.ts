import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { describe, test } from 'vitest';

/**
 * A suite that needs programs of this computer. Where one is missing it is reported as skipped, with the reason in its
 * name; under `CI=true` that is a failure, because there everything must be installed.
 */
export function describeWith(programs: readonly string[], name: string, suite: () => void): void {
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length === 0) return void describe(name, suite);
  const reason = `${name} (needs ${missing.join(', ')})`;
  if (process.env['CI'] === 'true')
    return void test(reason, () => {
      throw new Error(`Not installed: ${missing.join(', ')}`);
    });
  describe.skipIf(true)(reason, suite);
}

/** As `describeWith`, for a suite that besides needs the rights of root on Linux, for its mounts. */
export function describeAsRoot(programs: readonly string[], name: string, suite: () => void): void {
  if (process.platform === 'linux' && process.getuid?.() === 0) describeWith(programs, name, suite);
  else describe.skipIf(true)(`${name} (needs root on Linux)`, suite);
}

function isOnPath(program: string): boolean {
  if (isAbsolute(program)) return isExecutable(program);
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
