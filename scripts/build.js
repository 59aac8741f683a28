// Compiles the program into dist/ and puts the guest's own files beside it. A program that runs from dist/ meanwhile
// sees the old build or the new one, never half of one.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const workshop = mkdtempSync('.build-');
const dist = join(workshop, 'dist');
try {
  const compile = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', dist];
  execFileSync(process.execPath, compile, { stdio: 'inherit' });
  const assets = [
    'src/image/guest/files',
    'src/image/debian/keys',
    'src/image/squashfs/compress-worker.js',
    'src/image/debian/decompress-worker.js',
    'src/image/debian/zstd-blocks.js',
  ];
  for (const asset of assets) cpSync(asset, join(dist, asset), { recursive: true });
  replace('dist', dist, join(workshop, 'old'));
} finally {
  rmSync(workshop, { recursive: true, force: true });
}

function replace(target, source, old) {
  try {
    renameSync(target, old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(source, target);
}
