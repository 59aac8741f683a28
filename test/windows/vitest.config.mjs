// For Vitest under Windows' own Node in Wine; see test/contract/windows-units.test.ts.
import { dirname, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');

/** Wine can load the bundler as WebAssembly alone, which sees no files, so what modules import is found here. */
const findImports = {
  name: 'find-imports',
  enforce: 'pre',
  resolveId(id, importer) {
    const isOurs = importer !== undefined && /^\.\.?\//.test(id);
    const path =
      id === 'tmachine/driver' ? resolve(root, 'src/driver/index.ts') : isOurs && resolve(dirname(importer), id);
    return path ? path.replaceAll('\\', '/') : undefined;
  },
};

export default {
  root,
  plugins: [findImports],
  test: {
    include: ['test/windows/**/*.test.ts', 'test/unit/**/*.test.ts'],
    // Modules are loaded once for all: each one costs milliseconds here.
    isolate: false,
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000,
    cache: false,
  },
};
