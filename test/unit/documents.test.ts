import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { genericFlags } from '../../drivers/generic/flags.ts';
import { noneFlags } from '../../drivers/none/flags.ts';
import { qemuFlags } from '../../drivers/qemu/flags.ts';
import { virtualBoxFlags } from '../../drivers/virtualbox/flags.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { globalFlags } from '../../src/cli/options.ts';
import { exitCodes } from '../../src/errors/exit-codes.ts';

const root = join(import.meta.dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

const wordsOf = (flags: Readonly<Record<string, { readonly type: string; readonly env?: string }>>) =>
  Object.entries(flags).flatMap(([name, { env }]) => [`--${name}`, ...(env === undefined ? [] : [env])]);

describe('README.md', () => {
  test('names every command', () => {
    const table = readme.slice(readme.indexOf('## Commands'), readme.indexOf('Global options'));
    expect(commands.map(({ name }) => name).filter((name) => !new RegExp(`\`${name}\\b`).test(table))).toEqual([]);
  });

  test('names every global option and every option of the drivers, with their variables', () => {
    const words = [...wordsOf(globalFlags), ...[genericFlags, noneFlags, qemuFlags, virtualBoxFlags].flatMap(wordsOf)];
    expect(words.filter((word) => !readme.includes(word))).toEqual([]);
  });

  test('tells the defaults of the drivers', () => {
    const wrong = Object.entries({ ...genericFlags, ...qemuFlags, ...virtualBoxFlags }).filter(
      ([name, flag]) =>
        'default' in flag &&
        typeof flag.default === 'number' &&
        !new RegExp(`--${name}\`.*\\| ${flag.default} `).test(readme),
    );
    expect(wrong).toEqual([]);
  });

  test('explains every exit status', () => {
    expect(Object.values(exitCodes).filter((status) => !new RegExp(`^\\| ${status} +\\|`, 'm').test(readme))).toEqual(
      [],
    );
  });

  test('links to headings and files that exist', () => {
    const anchors = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => `#${slug(title)}`);
    const targets = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
    const broken = targets.filter((target) =>
      target.startsWith('#') ? !anchors.includes(target) : !existsSync(join(root, target)),
    );
    expect(broken).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  test('says of every dependency what it spares us', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@types/'));
    expect(names.filter((name) => !isExplained(name))).toEqual([]);
  });

  test('tours files that exist', () => {
    const tour = architecture.slice(architecture.indexOf('## A tour'), architecture.indexOf('## How `create` works'));
    const files = [...tour.matchAll(/^\d\. `([^`]+)`/gm)].map(([, file = '']) => file);
    expect([files.length, files.filter((file) => !existsSync(join(root, file)))]).toEqual([6, []]);
  });
});

function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

/** In the first column of a table, perhaps beside others. */
function isExplained(name: string): boolean {
  return architecture
    .split('\n')
    .some((line) => line.startsWith('| ') && (line.split('|')[1] ?? '').split(/[\s,]+/).includes(name));
}
