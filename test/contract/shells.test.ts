import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatAssignments } from '../../src/env/format.ts';
import type { Shell } from '../../src/env/shells.ts';
import { hostileValues } from '../support/hostile-values.ts';

const folder = mkdtempSync(join(tmpdir(), 'tmachine-shells-'));
const env = { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TERM: 'dumb' };
/** What the shell ends up with is read from the environment of a child it starts. */
const report = 'printenv -0 > "$OUT" || true';
beforeAll(() => {
  writeFileSync(join(folder, 'report'), `#!/bin/sh\n${report}\n`, { mode: 0o755 });
  // A file that unquoted patterns would match.
  writeFileSync(join(folder, 'K1='), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each<[string, Shell, (output: string) => readonly string[]]>([
  ['bash', 'posix', () => ['bash', '--norc', '-c', 'eval $(cat "$SCRIPT"); ./report']],
  ['bash, quoted', 'posix', () => ['bash', '--norc', '-c', 'eval "$(cat "$SCRIPT")"; ./report']],
  ['bash with nullglob, failglob and extglob', 'posix', () => ['bash', '-O', 'nullglob', '-O', 'failglob', '-O', 'extglob', '-c', 'eval $(cat "$SCRIPT"); ./report']], // biome-ignore format: one row
  ['bash, pasted', 'posix', (output) => ['bash', '--norc', '-i', '-c', `${output}\n./report`]],
  ['dash', 'posix', () => ['dash', '-c', 'eval $(cat "$SCRIPT"); ./report']],
  ['zsh', 'posix', () => ['zsh', '-f', '-c', 'eval $(cat "$SCRIPT"); ./report']],
  ['zsh, quoted', 'posix', () => ['zsh', '-f', '-c', 'eval "$(cat "$SCRIPT")"; ./report']],
  ['fish', 'fish', () => ['fish', '--no-config', '-c', 'eval (cat "$SCRIPT"); ./report']],
  ['fish, sourced', 'fish', () => ['fish', '--no-config', '-c', 'cat "$SCRIPT" | source; ./report']],
  ['tcsh', 'tcsh', () => ['tcsh', '-f', '-c', 'eval `cat "$SCRIPT"`; ./report']],
  [
    'tcsh with backslash_quote',
    'tcsh',
    () => ['tcsh', '-f', '-c', 'set backslash_quote; eval `cat "$SCRIPT"`; ./report'],
  ],
  ['emacs', 'emacs', () => ['emacs', '--batch', '-Q', '--eval', '(progn (with-temp-buffer (shell-command "cat \\"$SCRIPT\\"" (current-buffer)) (eval-buffer)) (call-process (expand-file-name "report")))']], // biome-ignore format: one row
  ['elvish', 'elvish', () => ['elvish', '-norc', '-c', 'eval (cat $E:SCRIPT | slurp); ./report']],
  ['xonsh', 'xonsh', () => ['xonsh', '--no-rc', '-c', 'execx($(cat $SCRIPT)); ![./report]']],
])('%s', (_, shell, command) => {
  it('ends up with exactly the values, whatever they hold', () => {
    const output = format(shell, hostileValues);
    const seen = evaluate(command(output), output);
    expect(hostileValues.map((_value, index) => seen[`K${index}`])).toEqual(hostileValues);
  });

  it('unsets what was set', () => {
    const assignments = [
      { name: 'K1', value: undefined },
      { name: 'K2', value: 'new' },
    ];
    const output = formatAssignments(assignments, { shell, commandLine: ['tmachine', 'env', '-u'] });
    const seen = evaluate(command(output), output, { K1: 'old', K2: 'old' });
    expect([seen['K1'], seen['K2']]).toEqual([undefined, 'new']);
  });

  it('is not disturbed by a hostile command line in the hint', () => {
    const commandLine = ['/opt/it\'s "here" (*) [a-z]? $(touch pwned) `touch pwned` !x/tmachine', 'env', 'dev'];
    const output = formatAssignments([{ name: 'K1', value: 'set' }], { shell, commandLine });
    expect(evaluate(command(output), output)['K1']).toBe('set');
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });
});

function format(shell: Shell, values: readonly string[]): string {
  const assignments = values.map((value, index) => ({ name: `K${index}`, value }));
  return formatAssignments(assignments, { shell, commandLine: ['tmachine', 'env', 'dev'] });
}

/** Runs a shell on the output and gives the environment it hands to a child. */
function evaluate(
  command: readonly string[],
  output: string,
  before: Record<string, string> = {},
): Record<string, string> {
  const [script, out] = [join(folder, 'script'), join(folder, 'out')];
  writeFileSync(script, output);
  writeFileSync(out, '');
  const [program = '', ...args] = command;
  const variables = { ...env, ...before, SCRIPT: script, OUT: out };
  // The hint of tcsh runs the command it names.
  execFileSync(program, args, { cwd: folder, env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
  const entries = execFileSync('cat', [out], { encoding: 'utf8' })
    .split('\0')
    .filter((entry) => entry !== '');
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}
