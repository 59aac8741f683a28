import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** What each part may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'src/errors': [],
  'src/events': ['src/errors'],
  'src/host': ['src/errors', 'src/events'],
  'src/ssh': ['src/host', 'src/errors', 'src/events'],
  'src/driver': ['src/host', 'src/ssh', 'src/image', 'src/errors', 'src/events'],
  'src/certs': ['src/host', 'src/errors', 'src/events'],
  'src/store': ['src/host', 'src/errors', 'src/events'],
  'src/image': ['src/host', 'src/errors', 'src/events'],
  'src/docker-cli': ['src/host', 'src/errors', 'src/events'],
  'src/engine': ['src/certs', 'src/host', 'src/errors', 'src/events'],
  'src/provision': ['src/ssh', 'src/errors', 'src/events'],
  'src/env': ['src/errors'],
  'src/machine': [
    'src/store',
    'src/certs',
    'src/engine',
    'src/docker-cli',
    'src/provision',
    'src/driver',
    'src/image',
    'src/ssh',
    'src/host',
    'src/errors',
    'src/events',
  ],
  'src/report': ['src/events', 'src/errors'],
  'src/cli': [
    'src/machine',
    'src/report',
    'src/env',
    'src/store',
    'src/certs',
    'src/engine',
    'src/docker-cli',
    'src/provision',
    'src/driver',
    'src/image',
    'src/ssh',
    'src/host',
    'src/errors',
    'src/events',
  ],
};

/** Node modules that touch nothing outside the process. */
const pureModules = ['node:path', 'node:url', 'node:buffer', 'node:util', 'node:assert', 'node:string_decoder'];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isType: boolean;
  readonly isDynamic: boolean;
}

const sources = new Map(
  ['src', 'drivers', 'bin', 'test'].flatMap(listFiles).map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);
const imports = [...sources].flatMap(([file, text]) => findImports(file, text));
const program = imports.filter(({ file }) => /^(src|drivers)\//.test(file));

test('each part of src imports only what the table allows', () => {
  const wrong = program.filter(({ file, target }) => {
    const [from, to] = [partOf(file), partOf(target)];
    return file.startsWith('src/') && isOurs(target) && from !== to && !allowed[from]?.includes(to);
  });
  expect(wrong.map(show)).toEqual([]);
});

test('every part of src is in the table', () => {
  const parts = new Set([...sources.keys()].filter((file) => file.startsWith('src/')).map(partOf));
  expect([...parts].filter((part) => !(part in allowed))).toEqual([]);
});

test('a driver imports tmachine/driver, its own folder and Node, and src never names a driver', () => {
  const wrong = program.filter(({ file, target }) => {
    if (!file.startsWith('drivers/')) return target.startsWith('drivers');
    if (isOurs(target)) return file !== 'drivers/index.ts' && partOf(target) !== partOf(file);
    return target !== 'tmachine/driver' && !target.startsWith('node:');
  });
  expect(wrong.map(show)).toEqual([]);
});

test('drivers reach this computer through their host alone', () => {
  const effects = /^node:(fs|child_process|net|http|https|http2|tls|dgram|dns|worker_threads|os)(\/|$)/;
  const wrong = program.filter(
    ({ file, target, isType }) => file.startsWith('drivers/') && !isType && effects.test(target),
  );
  expect(wrong.map(show)).toEqual([]);
});

test('modules that only parse, plan or format touch nothing, nor does what they import', () => {
  const isEffect = (target: string) => target.startsWith('node:') && !pureModules.includes(target);
  const pure = [...sources.keys()].filter((file) => isPure(sources.get(file) ?? ''));
  const wrong = pure
    .filter((file) => file.startsWith('src/') || file.startsWith('drivers/'))
    .flatMap((file) =>
      closure([file])
        .filter(({ target }) => isEffect(target))
        .map((each) => `${file}: ${show(each)}`),
    );
  expect(wrong).toEqual([]);
});

test('only the command line and the composition root see the process', () => {
  const globals = /(?<![.\w])process\.(env|argv|exit|exitCode|cwd|stdin|stdout|stderr|platform|on|once)\b/;
  const binding = /[{(,]\s*process\s*[,:}]/;
  const wrong = [...sources].filter(
    ([file, text]) => /^(src|drivers)\//.test(file) && globals.test(withoutComments(text)) && !binding.test(text),
  );
  expect(wrong.map(([file]) => file)).toEqual([]);
});

test('no package is loaded before a command runs', () => {
  const entries = [...sources.keys()].filter((file) =>
    /^src\/(cli\/(?!program)|machine\/machine|driver\/index)/.test(file),
  );
  const wrong = closure(entries).filter(({ target }) => isPackage(target));
  expect(wrong.map(show)).toEqual([]);
});

test('imports form no circle', () => {
  const circles = [...sources.keys()].filter((file) => closure([file]).some(({ target }) => target === file));
  expect(circles).toEqual([]);
});

test('tests mock nothing of ours', () => {
  const mocking = new RegExp(`\\bvi\\.${'(mock|doMock|spyOn|fn|useFakeTimers|stubGlobal)'}\\b`);
  expect(
    [...sources].filter(([file, text]) => file.startsWith('test/') && mocking.test(text)).map(([file]) => file),
  ).toEqual([]);
});

function listFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !/\/(fixtures|fakes)\//.test(file));
}

function findImports(file: string, text: string): readonly Import[] {
  // A hash and isIP depend on their arguments alone, unlike all else of their modules.
  const code = withoutComments(text).replace(/^import \{ (isIP(v4|v6)?|createHash) \} from '[^']+';$/gm, '');
  const fixed = code.matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm);
  const dynamic = code.matchAll(/\bimport\('([^']+)'\)/g);
  return [
    ...[...fixed].map(([, type, from, bare]) => ({ type, target: from ?? bare ?? '', isDynamic: false })),
    ...[...dynamic].map(([, target]) => ({ type: undefined, target: target ?? '', isDynamic: true })),
  ].map(({ type, target, isDynamic }) => ({
    file,
    target: target.startsWith('.') ? normalize(join(dirname(file), target)).replaceAll('\\', '/') : target,
    isType: type !== undefined,
    isDynamic,
  }));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

function partOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

function isOurs(target: string): boolean {
  return /^(src|drivers|bin|test)\//.test(target);
}

function isPackage(target: string): boolean {
  return (
    !isOurs(target) && !target.startsWith('node:') && !builtinModules.includes(target) && target !== 'tmachine/driver'
  );
}

/** A module whose functions for others are all named `parse…`, `plan…` or `format…`, and wait for nothing. */
function isPure(text: string): boolean {
  const names = [...text.matchAll(/^export function (\w+)/gm)].map(([, name]) => name ?? '');
  const isWaiting = /^export async function/m.test(text);
  return !isWaiting && names.length > 0 && names.every((name) => /^(parse|plan|format)[A-Z]/.test(name));
}

/** Everything that is loaded together with these files. */
function closure(entries: readonly string[]): readonly Import[] {
  const seen = new Set(entries);
  const found: Import[] = [];
  for (const file of seen)
    for (const each of program.filter((one) => one.file === file && !one.isType && !one.isDynamic)) {
      found.push(each);
      if (isOurs(each.target)) seen.add(each.target);
    }
  return found;
}

function show({ file, target }: Import): string {
  return `${file} imports ${target}`;
}
