import type { Program } from './main.ts';

/**
 * What to type to start this program again: its name where PATH leads to it, else its path, on Windows behind Node's.
 * npx and `npm run` put folders on PATH that only their children see.
 */
export async function programWords(process: Pick<Program['process'], 'argv' | 'env' | 'platform'>): Promise<string[]> {
  const { argv, env, platform } = process;
  const path = argv[1] ?? '';
  if (path === '') return [name];
  const { findProgram, pathFolders } = await import('../host/find-program.ts');
  const folders = pathFolders({ env, platform }).filter((folder) => !/[\\/]node_modules[\\/]\.bin[\\/]?$/.test(folder));
  // Windows: npm's `tmachine.cmd` leads to argv[1], which tells nothing about where that is.
  if (platform === 'win32') {
    const search = { env: { PATHEXT: env['PATHEXT'] }, platform, alsoIn: folders };
    return (await findProgram(name, search)) === undefined ? [argv[0] ?? 'node', path] : [name];
  }
  const { join } = await import('node:path');
  return folders.some((folder) => join(folder, name) === path) ? [name] : [path];
}

const name = 'tmachine';
