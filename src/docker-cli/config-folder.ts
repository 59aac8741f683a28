import { posix, win32 } from 'node:path';
import type { Environment } from '../host/environment.ts';

/** Where a folder of Docker's may be named. */
export interface ConfigPlace {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Absolute folder that a relative path starts from. */
  readonly cwd: string;
}

/** The Docker CLI's folder: DOCKER_CONFIG, else `.docker` in the user's home; nothing where neither is known. */
export function planConfigFolder({ env, platform, cwd }: ConfigPlace): string | undefined {
  const { join, resolve } = platform === 'win32' ? win32 : posix;
  if (env['DOCKER_CONFIG']) return resolve(cwd, env['DOCKER_CONFIG']);
  const home = platform === 'win32' ? env['USERPROFILE'] : env['HOME'];
  return home ? resolve(cwd, join(home, '.docker')) : undefined;
}
