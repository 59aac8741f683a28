import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { builtInDrivers } from '../../drivers/index.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { globalFlags } from '../../src/cli/options.ts';
import { describeWith } from '../support/requires.ts';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openTerminal } from '../support/terminal.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');
const print = async (...words: string[]) => (await runTmachine(words)).stdout;

/** Every flag there is, with its dashes. */
async function allFlags(): Promise<readonly string[]> {
  const own = await Promise.all(commands.map(async (entry) => (await entry.load()).command.flags));
  const sets = [globalFlags, ...own, ...builtInDrivers.map(({ flags }) => flags)];
  return [...new Set(sets.flatMap((flags) => Object.keys(flags)))].map((name) => `--${name}`);
}

const names = (text: string, words: readonly string[]) =>
  words.filter((word) => !new RegExp(`(^|[^\\w-])${word}(?![\\w-])`, 'm').test(text));

describe('help', () => {
  test('--all explains every command with every option, those of all drivers included', async () => {
    const text = await print('help', '--all');
    expect(names(text, await allFlags())).toEqual([]);
    for (const { name } of commands) expect(text).toContain(`Usage: tmachine ${name} [options]`);
    for (const { name } of builtInDrivers) expect(text).toContain(`Options of the driver ${name}:`);
  });

  test.each([
    [['help', 'create', '-d', 'qemu'], '--qemu-memory', '--virtualbox-memory'],
    [['help', 'create', '--driver=virtualbox'], '--virtualbox-memory', '--qemu-memory'],
    [['create', '-d', 'qemu', '--help'], '--qemu-memory', '--virtualbox-memory'],
    [['help', 'ls'], '--filter', '--qemu-memory'],
    [['h', 'help'], '--man', '--filter'],
  ])('tmachine %j has %s and not %s', async (words, there, notThere) => {
    const text = await print(...words);
    expect(text).toMatch(/^Usage: tmachine /);
    expect([text.includes(there), text.includes(notThere)]).toEqual([true, false]);
  });

  test('of what does not exist says what may have been meant', async () => {
    const { exitCode, stderr } = await runTmachine(['help', 'creat']);
    expect([exitCode, stderr]).toEqual([
      1,
      "tmachine: 'creat' is not a tmachine command. See 'tmachine --help'.\nTry: tmachine create\n",
    ]);
  });

  test('is 80 columns wide where there is no terminal', async () => {
    const lines = (await print('help', '--all')).split('\n').filter((line) => !line.startsWith('Usage: '));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });
});

describeWith(['script'], 'help on a terminal', () => {
  test.each([
    [1, '--help'],
    [20, '--help'],
    [20, 'create'],
    [60, '--help'],
    [100, 'create'],
    [10_000, 'create'],
    [0, '--help'],
  ])('of %j columns is as wide as it', async (columns, word) => {
    const words = word === '--help' ? [word] : [word, '-d', 'qemu', '--help'];
    const env = { PATH: process.env['PATH'] ?? '', TERM: 'xterm' };
    const terminal = openTerminal([process.execPath, program, ...words], { env, rows: 24, columns });
    expect(await terminal.exitCode).toBe(0);
    const lines = stripVTControlCharacters(terminal.shown()).split('\r\n');
    const room = columns === 0 ? 80 : columns;
    // A word, and what is to be copied, stands alone in its line, whatever its length.
    const tooLong = lines.filter(
      (line) => line.length > room && !/^((Usage|A command|A first machine): .*| *(-\w, )?\S+( \S+)?)$/.test(line),
    );
    expect(tooLong).toEqual([]);
    const longest = Math.max(...lines.map((line) => line.length));
    expect(longest).toBeGreaterThan(Math.min(room, 120) * 0.75);
  });
});

describeWith(['mandoc', 'groff'], 'the manual page', () => {
  test('is good roff to mandoc and groff, and reads like the help', async () => {
    await using folder = await makeTempFolder();
    const page = join(folder.path, 'tmachine.1');
    await writeFile(page, await print('help', '--man'));
    const lint = await run('mandoc', ['-T', 'lint', '-W', 'style', page]);
    expect(lint.stdout).toBe('');
    const checked = await run('groff', ['-man', '-ww', '-Tutf8', '-z', page]);
    expect(checked.stderr).toBe('');
    const shown = await run('mandoc', ['-T', 'ascii', '-O', 'width=300', page]);
    const text = shown.stdout.replaceAll(/.[\b]/g, '');
    expect(names(text, await allFlags())).toEqual([]);
    for (const { name, summary } of commands) {
      expect(text).toContain(`tmachine ${name} [options]`);
      expect(text).toContain(`${summary}.`);
    }
    for (const variable of ['MACHINE_STORAGE_PATH', 'QEMU_MEMORY_SIZE']) expect(text).toContain(variable);
  });
});
