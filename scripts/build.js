// Compiles the program into dist/ and puts the guest's own files beside it.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
cpSync('src/image/guest/files', 'dist/src/image/guest/files', { recursive: true });
cpSync('src/image/debian/keys', 'dist/src/image/debian/keys', { recursive: true });
cpSync('src/image/squashfs/compress-worker.js', 'dist/src/image/squashfs/compress-worker.js');
for (const name of ['decompress-worker.js', 'zstd-blocks.js'])
  cpSync(`src/image/debian/${name}`, `dist/src/image/debian/${name}`);
