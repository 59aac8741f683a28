import { beforeAll, describe, expect, test } from 'vitest';
import { formatAssignments } from '../../src/env/format.ts';
import type { Assignment } from '../../src/env/variables.ts';
import { hostileValues } from '../support/hostile-values.ts';
import { makePowershellReader, type PowershellLine } from '../support/powershell.ts';

/** PowerShell itself is not to be had here. Invoke-Expression takes in what a program prints line by line. */
let readLine: (line: string) => PowershellLine;
beforeAll(async () => {
  readLine = await makePowershellReader();
});

const values = [
  ...hostileValues,
  '“”„‟',
  '`“`',
  '$(“x”)',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: PowerShell reads it, not we
  '${env:PATH} $$ $? $^ @(1) @{a=1} $x[0] $x.y',
  "'@ @'",
  '`u{41} `0 `e',
  '😀',
];

describe('the grammar of PowerShell', () => {
  test('finds exactly the values, whatever they hold', () => {
    const assignments = values.map((value, index) => ({ name: `K${index}`, value }));
    const lines = format(assignments).slice(0, -2);
    expect(lines.map(readLine)).toEqual(assignments.map((assignment) => ({ does: 'set', ...assignment })));
  });

  test('finds one call for a variable that is unset', () => {
    expect(readLine(format([{ name: 'DOCKER_HOST', value: undefined }])[0] ?? '')).toEqual({
      does: 'call',
      pipeline: [['Remove-Item', 'Env:\\\\DOCKER_HOST']],
    });
  });

  test.each([
    [['tmachine', 'env', 'dev']],
    [['C:\\Users\\Taro\\Scripts\\tmachine.exe', 'env', 'dev']],
    [['C:\\Program Files (x86)\\node.exe', 'C:\\t $x\\`t`\\tmachine.cjs', 'env', '-s', 'a "b" ‘c’', '太郎']],
  ])('finds the call in the hint for %j', (commandLine) => {
    const hints = format([], commandLine).map(readLine);
    expect(hints[0]).toEqual({ does: 'nothing', comment: 'Run this command to configure your shell: ' });
    const [, hint] = hints;
    expect(hint?.does === 'nothing' && readLine(hint.comment)).toEqual({
      does: 'call',
      pipeline: [commandLine, ['Invoke-Expression']],
    });
  });

  test('sees nothing but ASCII, so that the code page of the pipe does not matter', () => {
    expect(format(values.map((value, index) => ({ name: `K${index}`, value }))).join('')).toMatch(/^[\x20-\x7e]*$/);
  });

  test.each([
    '$Env:K = "a $HOME"',
    '$Env:K = "$(id)"',
    '$Env:K = "a“b"',
    '$Env:K = "a" + "b"',
    '$Env:K = "a"; id',
    '$Env:K = "a',
    '$Env:K = "`n"',
  ])('would notice %s', (line) => expect(() => readLine(line)).toThrow(SyntaxError));
});

function format(assignments: readonly Assignment[], commandLine: readonly string[] = ['tmachine']): readonly string[] {
  return formatAssignments(assignments, { shell: 'powershell', commandLine }).trimEnd().split('\n');
}
