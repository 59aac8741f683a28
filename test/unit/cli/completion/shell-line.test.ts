import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseShellLine } from '../../../../src/cli/completion/shell-line.ts';

const breaks = ' \t\n"\'><=;|&(:';

test.each([
  ['tmachine st', ['tmachine', 'st'], ''],
  ['tmachine  stop ', ['tmachine', 'stop', ''], ''],
  ['t --driver=qe', ['t', '--driver=qe'], '--driver='],
  ['t cp dev:/tmp', ['t', 'cp', 'dev:/tmp'], 'dev:'],
  ['t "a b', ['t', 'a b'], ''],
  ['t --output="a b', ['t', '--output=a b'], '--output='],
  ["t 'a=b", ['t', 'a=b'], ''],
  ['t a\\=b', ['t', 'a=b'], ''],
  ['t "a\\"b\\c" \'d\\e\' "" f\\ g', ['t', 'a"b\\c', 'd\\e', '', 'f g'], ''],
  ['', [''], ''],
] as const)('parseShellLine(%j)', (line, words, kept) => {
  expect(parseShellLine(line, breaks)).toEqual({ words, kept });
});

test.each(['a "b c" d\\ e \'f"g\' "h\'i" "\\$x" "\\`" "\\\\" "\\a" x\\\\y', `größe 太郎 "😀 b"`])(
  'parseShellLine(%j) gives the words that bash gives',
  (line) => {
    const words = execFileSync('bash', ['--norc', '-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
    expect(parseShellLine(line, breaks).words).toEqual(words.split('\0').slice(0, -1));
  },
);
