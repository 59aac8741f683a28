import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withPath, writeProgram } from '../support/fake-path.ts';
import { MachineBench } from '../support/machine-bench.ts';
import { describeWith } from '../support/requires.ts';
import { openTerminal } from '../support/terminal.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');

let bench: MachineBench;
let env: Record<string, string>;
/** A creation with steps that go well and one that does not, all within a second or two. */
let words: readonly string[];

beforeAll(async () => {
  bench = await MachineBench.make();
  const folder = join(bench.temp.path, 'programs');
  await mkdir(folder);
  await writeProgram(
    folder,
    'qemu-system-x86_64',
    'case "$1" in --version) echo "QEMU emulator version 9.0.0";; *) sleep 0.3; echo "qemu: the moon is full" >&2; exit 1;; esac',
  );
  env = { PATH: withPath(folder)['PATH'] ?? '', ...bench.temp.env, TERM: 'xterm' };
  words = ['create', '--qemu-accel', 'tcg', '--qemu-boot2docker-url', bench.imageFile, 'x'];
});

afterAll(async () => await bench[Symbol.asyncDispose]());

/** What a terminal is sent until the creation has failed. */
async function show(more: Readonly<Record<string, string>>, columns = 80): Promise<string> {
  const terminal = openTerminal([process.execPath, program, ...words], { env: { ...env, ...more }, rows: 24, columns });
  expect(await terminal.exitCode).toBe(1);
  const shown = terminal.shown();
  expect(shown).toContain('the moon is full');
  return shown;
}

describeWith(['script'], 'a terminal', () => {
  const sgr = '\u001b[';

  test('gets colours, symbols and lines that move', async () => {
    const shown = await show({ LC_ALL: 'C.UTF-8' });
    expect(shown).toContain(`${sgr}32m✓${sgr}0m `);
    expect(shown).toContain(`${sgr}31m✗${sgr}0m `);
    expect(shown).toContain(`\r${sgr}1A${sgr}J`);
  });

  test.each([{ LC_ALL: 'C' }, { LANG: 'de_DE.ISO-8859-1' }, {}])('of %j gets ASCII alone', async (locale) => {
    const shown = await show(locale);
    expect(shown).toContain(`${sgr}32m+${sgr}0m `);
    expect(shown).toContain(`${sgr}31mx${sgr}0m `);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is allowed
    expect(shown).toMatch(/^[\x00-\x7f]*$/);
  });

  test.each(['1', '0'])('gets no colours where NO_COLOR is %j', async (value) => {
    const shown = await show({ NO_COLOR: value, LC_ALL: 'C.UTF-8' });
    expect(shown).toContain('✓ ');
    expect(shown).toContain(`\r${sgr}1A${sgr}J`);
    expect(shown.includes(`${sgr}3`)).toBe(false);
  });

  test.each([{ TERM: 'dumb' }, { CI: '1' }])('gets plain lines where %j says so', async (more) => {
    const shown = await show(more);
    expect(shown.includes('\u001b')).toBe(false);
    expect(shown).toContain('...\r\n');
  });

  test.each([1, 2, 20, 10_000])(
    'of %j columns is never sent a longer line that has to be erased again',
    async (columns) => {
      const shown = await show({ LC_ALL: 'C.UTF-8' }, columns);
      // What is drawn ends where it is erased; what is settled above it stays, and may be as long as it likes.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what moves the cursor
      const drawn = shown.split(/\r\u001b\[\d+A\u001b\[J/).slice(0, -1);
      const lines = drawn.map((each) => stripVTControlCharacters(each).split('\r\n').at(-2) ?? '');
      expect(lines.length).toBeGreaterThan(1);
      expect(lines.filter((line) => line.length > Math.max(1, columns - 1))).toEqual([]);
      if (columns > 20) expect(lines.every((line) => /^[-|/\\] \S.{8}/.test(line))).toBe(true);
    },
  );
});

describe('a pipe', () => {
  test('gets no colours, unless CLICOLOR_FORCE asks for them and NO_COLOR does not forbid it', async () => {
    const { stderr } = await bench.call(words, { env });
    expect(stderr.includes('\u001b')).toBe(false);
    const forced = await bench.call(words, { env: { ...env, CLICOLOR_FORCE: '1' } });
    expect(forced.stderr).toContain('\u001b[31m');
    expect(forced.stderr.includes('\u001b[1A')).toBe(false);
    const forbidden = await bench.call(words, { env: { ...env, CLICOLOR_FORCE: '1', NO_COLOR: '1' } });
    expect(forbidden.stderr.includes('\u001b')).toBe(false);
  });
});
