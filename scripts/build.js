// Bundles the program into dist/: few files, because each one costs a command about a millisecond as it starts.
// Packages stay outside. The files that are read as it runs lie beside the chunks, where their readers look for them.
// A program that starts from dist/ meanwhile finds the old build or the new one, never half of one.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { loadRolldown } from './load-rolldown.js';

const entries = ['src/cli/main', 'src/driver/index', 'drivers/index'];
const besideChunks = [
  'src/cli/completion/scripts',
  'src/image/guest/files',
  'src/image/debian/keys',
  'src/image/debian/decompress-worker.js',
  'src/image/debian/zstd-blocks.js',
  'src/image/squashfs/compress-worker.js',
];
/** What one command loads anyway comes as one file each, with all that it imports. The rest is split as it is used. */
const loadedTogether = [
  { name: 'help', test: /src[\\/]cli[\\/](help|wrap-text|commands[\\/]index)\.ts$/, priority: 4 },
  { name: 'commands', test: /src[\\/]cli[\\/](run-command-line|commands[\\/](?!quickstart)[\w-]+)\.ts$/, priority: 3 },
  {
    name: 'machine',
    test: /src[\\/](machine[\\/](machine|engine-url|find-url)|driver[\\/]index)\.ts$|drivers[\\/](index|(?!plugin)\w+[\\/](index|flags|data|url|share-folder))\.ts$/,
    priority: 2,
  },
  {
    name: 'connection',
    test: /src[\\/](machine[\\/](connection|docker-cli|reach-engine)|docker-cli[\\/](ask|cli)[\w-]+|env[\\/]\w+|host[\\/](parent-processes|find-program))\.ts$/,
    priority: 1,
  },
  {
    name: 'list',
    test: /src[\\/](machine[\\/](list|filter|deadline|read-stored|remember-seen|swarm)|report[\\/]machine-(table|data))\.ts$/,
    priority: 1,
  },
  { name: 'completion', test: /src[\\/]cli[\\/]completion[\\/]answer-completion\.ts$/, priority: 0 },
];

const { rolldown } = await loadRolldown();
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const packages = Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`));

const imageDigest = await digestImageParts();
const workshop = mkdtempSync('.build-');
try {
  const dist = join(workshop, 'dist');
  await bundle(dist);
  const declare = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', dist];
  execFileSync(process.execPath, declare, { stdio: 'inherit' });
  for (const path of besideChunks) cpSync(path, join(dist, 'chunks', basename(path)), { recursive: true });
  replace('dist', dist, join(workshop, 'old'));
} finally {
  rmSync(workshop, { recursive: true, force: true });
}

async function bundle(dist) {
  const build = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, `${entry}.ts`])),
    platform: 'node',
    external: packages,
    checks: { ineffectiveDynamicImport: false },
    transform: { target: 'node20.12' },
    resolve: { alias: { 'tmachine/driver': resolve('src/driver/index.ts') } },
    plugins: [{ name: 'image-digest', load: loadImageDigest }],
  });
  const { output } = await build.write({
    dir: dist,
    // Node needs 20 to 30 ms more to start with ES modules, half of them to look at every member of its own modules.
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunks/[name].cjs',
    codeSplitting: { groups: loadedTogether },
  });
  await build.close();
  writeFacade(dist, output);
  const misplaced = output.filter(
    ({ fileName, code }) => !fileName.startsWith('chunks/') && /\b__(dirname|filename)\b/.test(code),
  );
  if (misplaced.length > 0)
    throw new Error(`${misplaced.map(({ fileName }) => fileName)} would miss the files beside it`);
}

/** The public entry is an ES module, as its types say. */
function writeFacade(dist, output) {
  const { exports } = output.find(({ fileName }) => fileName === 'src/driver/index.cjs');
  const text = `import driver from './index.cjs';\n\nexport const { ${exports.toSorted().join(', ')} } = driver;\n`;
  writeFileSync(join(dist, 'src', 'driver', 'index.js'), text);
}

/** The sources are not in the bundle, so their digest is taken here: built or not, the same sources make the same image. */
function loadImageDigest(id) {
  if (!id.replaceAll('\\', '/').endsWith('/src/image/builder-digest.ts')) return undefined;
  return `export const digestBuilder = async () => ${JSON.stringify(imageDigest)};`;
}

function replace(target, source, old) {
  try {
    renameSync(target, old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(source, target);
}

async function digestImageParts() {
  const build = await rolldown({ input: 'src/image/builder-digest.ts', platform: 'node' });
  const { output } = await build.generate({ format: 'esm' });
  await build.close();
  const { digestBuilder } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  return await digestBuilder(resolve('src/image'));
}
