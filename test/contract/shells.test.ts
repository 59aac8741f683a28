import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatAssignments } from '../../src/env/format.ts';
import type { Shell } from '../../src/env/shells.ts';

/** Values that some shell reads differently somewhere. */
const hostileValues: readonly string[] = [
  '/home/me/.docker/machine/machines/dev',
  'C:\\Users\\Taro\\.docker\\machine\\machines\\myhost',
  'C:\\Program Files (x86)\\Docker\\new\\table',
  'one two',
  'two  blanks and   three',
  ' outer blanks ',
  '  ',
  '',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shells read it, not we
  '$HOME ${HOME} $(id) $((1+1)) $',
  '`id` `',
  "it's 'quoted'",
  'say "hi" "',
  'back\\slash \\\\ \\n \\$x \\"',
  'ends with \\',
  '%PATH% 100% %i %%',
  'wow! !! !1 !id ! bang!',
  '*',
  '/* /e?c /[a-z]* [x] * ?',
  '@(a|b) +(x) !(y) ?(z) *(w)',
  '{a,b} {1..3} {} {',
  '~ ~root ~/x a~ ^a ^ a^b',
  'a;b & c && d | e || f > g < h #i',
  '# comment',
  '(parens) [brackets] <angles>',
  '-n -e --',
  '= a=b :c',
  'naïve 太郎 Ñ 😀 “smart” ‘quotes’ „low“',
  '\u00a0nbsp\u00a0',
  '$([char]65) $env:PATH `n `$ "" \'\'',
  '^& ^ ^^ "a & b" &',
];

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

describe('PowerShell', () => {
  it('reads exactly the values, by its grammar of expandable strings', () => {
    const lines = format('powershell', hostileValues).split('\n');
    expect(hostileValues.map((_, index) => readPowershell(lines[index] ?? '', `K${index}`))).toEqual(hostileValues);
  });

  it('sees nothing but ASCII, so that the code page of the pipe does not matter', () => {
    expect(format('powershell', hostileValues)).toMatch(/^[\x20-\x7e\n]*$/);
  });
});

describe('cmd', () => {
  it('sets exactly the values through FOR /f, by its rules', () => {
    const lines = format('cmd', hostileValues).split('\n');
    expect(hostileValues.map((_, index) => readCmd(lines[index] ?? '', `K${index}`))).toEqual(hostileValues);
  });

  it('guards operators with quotes when a line is pasted', () => {
    const line = format('cmd', ['a & del x | y > z']).split('\n')[0] ?? '';
    expect(operatorsOutsideQuotes(line)).toBe('');
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

/**
 * about_Quoting_Rules and about_Special_Characters: in an expandable string a backtick escapes, `$` starts a variable
 * or a subexpression, and a quote (straight or curly) ends the string unless doubled.
 */
function readPowershell(line: string, name: string): string {
  const prefix = `$Env:${name} = "`;
  if (!line.startsWith(prefix)) throw new SyntaxError(line);
  let value = '';
  let rest = line.slice(prefix.length);
  for (;;) {
    const token = /^(?:`(.)|\$\(\[char\]0x([0-9a-f]{1,4})\)|(["\u201c-\u201e])|(\$)|(.))/u.exec(rest);
    if (token === null) throw new SyntaxError(`unterminated: ${line}`);
    const [text, escaped, code, quote, dollar, plain] = token;
    rest = rest.slice(text.length);
    if (quote !== undefined) {
      if (rest !== '') throw new SyntaxError(`text after the string: ${line}`);
      return value;
    }
    if (dollar !== undefined) throw new SyntaxError(`an expansion: ${line}`);
    if (escaped !== undefined && /[0abefnrtuv]/.test(escaped)) throw new SyntaxError(`a control escape: ${line}`);
    value += code === undefined ? (escaped ?? plain) : String.fromCharCode(Number.parseInt(code, 16));
  }
}

/**
 * `FOR /f "tokens=*" %i IN (…) DO @%i`: the line loses leading blanks, lines that start with `;` are skipped; what is
 * left replaces %i after operators and percent signs were dealt with. SET /?: in `SET "NAME=VALUE"` the value ends at
 * the last quote, and what follows it is ignored; without the quotes the value is all up to the end of the line.
 */
function readCmd(line: string, name: string): string {
  const command = line.replace(/^[ \t]+/, '');
  if (!command.startsWith('SET ')) throw new SyntaxError(line);
  const argument = command.slice(4).replace(/^[ \t]+/, '');
  const isQuoted = argument.startsWith('"') && argument.lastIndexOf('"') > 0;
  const assignment = isQuoted ? argument.slice(1, argument.lastIndexOf('"')) : argument;
  if (!assignment.startsWith(`${name}=`)) throw new SyntaxError(line);
  return assignment.slice(name.length + 1);
}

/** Phase 2 of cmd's parser: outside of double quotes `& | < > ^` are not text. */
function operatorsOutsideQuotes(line: string): string {
  return line.replaceAll(/"[^"]*"?/g, '').replaceAll(/[^&|<>^]/g, '');
}
